import { expect } from 'vitest';
import { faults } from '../documents/schemas.ts';
import type { TestHost } from '../rig/host.ts';

/** One line of what a batch prints: a result, or an error. */
export interface Answer {
  readonly id: string | number;
  /** Only errors have one. */
  readonly type?: 'error';
  readonly status?: string;
  readonly exit_code?: number;
  readonly message: string;
  readonly user?: string;
  readonly stdout?: string;
  readonly stdout_base64?: string;
  readonly stderr?: string;
  readonly stderr_base64?: string;
}

export interface BatchEnd {
  readonly exitCode: number | undefined;
  /** In the order in which they came. */
  readonly answers: readonly Answer[];
  readonly stderr: string;
}

/** Reads the answers of a batch, each of which must be as its schema says. */
export function answersIn(stdout: string): readonly Answer[] {
  expect(stdout).toMatch(/^(?:.*\n)*$/);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const answer = JSON.parse(line);
      expect(faults(answer.type === 'error' ? 'error' : 'run-result', answer), line).toEqual([]);
      return answer;
    });
}

/** A job that runs shell text. */
export function script(text: string, more: object = {}) {
  return { argv: ['sh', '-c', text], ...more };
}

/** The lines of a batch: a job each, or any text. */
export function linesOf(jobs: readonly (object | string)[]): string {
  return jobs.map((job) => `${typeof job === 'string' ? job : JSON.stringify(job)}\n`).join('');
}

/** Runs jobs by `jailctl exec --batch` in the jail `box`, from a file. */
export async function batch(
  host: TestHost,
  jobs: readonly (object | string)[],
  ...options: readonly string[]
): Promise<BatchEnd> {
  await host.write('/run/jobs.ndjson', linesOf(jobs));
  const args = ['exec', '--batch', '/run/jobs.ndjson', ...options];
  const { exitCode, stdout, stderr } = await host.jailctl([...args, 'box'], { cwd: '/run' });
  return { exitCode, answers: answersIn(stdout), stderr };
}

/** Answers by their ids. */
export function byId(answers: readonly Answer[]): Readonly<Record<string, Answer>> {
  const all = Object.fromEntries(answers.map((answer) => [answer.id, answer]));
  expect(Object.keys(all)).toHaveLength(answers.length);
  return all;
}
