import { spawn } from 'node:child_process';

export type Argv = readonly [string, ...string[]];

export interface Ended {
  readonly stdout: string;
  readonly milliseconds: number;
}

/**
 * Runs a program to its end, with an empty input, and times it from before its start until its
 * output is closed.
 * @throws Error with what it wrote, unless it exits with 0
 */
export function timeProgram([command, ...args]: Argv, input = ''): Promise<Ended> {
  const begin = performance.now();
  const child = spawn(command, args, { cwd: '/', stdio: ['pipe', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      text[name] += chunk;
    });
  }
  // It need not read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const milliseconds = performance.now() - begin;
      if (status === 0) return resolve({ stdout: text.stdout, milliseconds });
      const how = `${[command, ...args].join(' ')} ended with ${status ?? signal}`;
      reject(new Error(`${how}: ${text.stdout}${text.stderr}`));
    });
  });
}
