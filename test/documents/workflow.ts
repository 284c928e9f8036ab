import { parse } from 'yaml';
import type { CommandResult } from '../../src/host/throwaway.ts';
import type { TestHost } from '../rig/host.ts';

export interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
}

export interface Job {
  readonly if: string;
  readonly steps: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const readWorkflow = (text: string): Workflow => parse(text);

const workspace = '/srv/runner/jails';
const temporary = '/srv/runner/temp';

/** A job that ran: its steps, up to the one that failed, and its summary. */
export interface Ran {
  readonly results: readonly CommandResult[];
  readonly failed: boolean;
  readonly summary: string;
}

/** `NAME=value` lines, as GITHUB_ENV has them for the steps that follow. */
function variables(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}

/**
 * Runs the steps of a job on `host` as a runner does: each `run` is a script for `bash -e` in the
 * workspace, which has the files of the repository.
 * @param between is called before each `run` with its number
 */
export async function runJob(
  host: TestHost,
  job: Job,
  files: Readonly<Record<string, string>>,
  between: (number: number) => Promise<unknown> = async () => undefined,
): Promise<Ran> {
  await host.ok(['sh', '-c', 'rm -rf "$1" "$2"; mkdir -p "$1" "$2"', 'sh', workspace, temporary]);
  for (const [name, text] of Object.entries(files)) await host.write(`${workspace}/${name}`, text);
  const commandFiles = {
    GITHUB_ENV: `${temporary}/env`,
    GITHUB_STEP_SUMMARY: `${temporary}/summary`,
  };
  for (const path of Object.values(commandFiles)) await host.write(path, '');
  const results: CommandResult[] = [];
  for (const { run } of job.steps) {
    if (run === undefined) continue;
    await between(results.length);
    await host.write(`${temporary}/step.sh`, run);
    const env = {
      ...variables(await host.read(commandFiles.GITHUB_ENV)),
      ...commandFiles,
      RUNNER_TEMP: temporary,
      CI: 'true',
    };
    const argv = ['bash', '-e', `${temporary}/step.sh`] as const;
    results.push(await host.run(argv, { cwd: workspace, env }));
    if (results.at(-1)?.exitCode !== 0) break;
  }
  const summary = await host.read(commandFiles.GITHUB_STEP_SUMMARY);
  return { results, failed: results.at(-1)?.exitCode !== 0, summary };
}
