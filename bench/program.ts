import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { compiled } from './native.ts';
import type { Sample } from './sample.ts';

export type Argv = readonly [string, ...string[]];

export interface Ended {
  readonly stdout: string;
  readonly milliseconds: number;
}

const jailctl = fileURLToPath(new URL('../dist/jailctl.js', import.meta.url));

/** The command line of jailctl: `jailctlArgv('plan')`. */
export function jailctlArgv(...args: readonly string[]): Argv {
  return [process.execPath, jailctl, ...args];
}

/** What every start of jailctl pays. */
export const nodeArgv: Argv = [process.execPath, '-e', '0'];

/** @param pipes how many descriptors are pipes, from 0 on; 3 is what meter.c reports on */
function runToEnd([command, ...args]: Argv, input: string, pipes: 3 | 4) {
  const begin = performance.now();
  const child = spawn(command, args, { cwd: '/', stdio: Array(pipes).fill('pipe') });
  const texts = Array<string>(pipes).fill('');
  child.stdio.slice(1).forEach((stream, index) => {
    (stream as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      texts[index + 1] += chunk;
    });
  });
  // It need not read its input.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return new Promise<Ended & { report: string }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => {
      const milliseconds = performance.now() - begin;
      const [, stdout = '', stderr = '', report = ''] = texts;
      if (status === 0) return resolve({ stdout, report, milliseconds });
      const how = `${[command, ...args].join(' ')} ended with ${status ?? signal}`;
      reject(new Error(`${how}: ${stdout}${stderr}`));
    });
  });
}

/**
 * Runs a program to its end, with an empty input, and times it from before its start until its
 * output is closed.
 * @throws Error with what it wrote, unless it exits with 0
 */
export function timeProgram(argv: Argv, input = ''): Promise<Ended> {
  return runToEnd(argv, input, 3);
}

/** The same with processor time and memory; what it costs Node to start it is not in the time. */
export async function meterProgram(argv: Argv): Promise<Sample> {
  const { report } = await runToEnd([compiled('meter'), ...argv], '', 4);
  const [nanoseconds, cpuMicroseconds, peakKib] = report.split(' ').map(Number);
  if (nanoseconds === undefined || cpuMicroseconds === undefined || peakKib === undefined) {
    throw new Error(`the meter says of ${argv.join(' ')}: ${report}`);
  }
  return { value: nanoseconds / 1e6, cpuMs: cpuMicroseconds / 1e3, peakKib };
}
