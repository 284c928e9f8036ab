import { fileURLToPath } from 'node:url';
import type { Context } from './cli/context.ts';
import { run } from './cli/run.ts';
import { createFile, openReport } from './host/create-file.ts';
import { openInput, openLines } from './host/input.ts';
import { takeLock } from './host/lock.ts';
import { writeOwnFile } from './host/own-file.ts';
import { requireToolsOfARun } from './host/path.ts';
import { hostReader } from './host/reader.ts';
import { openHostRuns } from './host/run/host-runs.ts';
import { inspectRuns } from './host/run/inspect.ts';
import { exitCode } from './model/exit-code.ts';
import { Failure } from './model/failure.ts';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** Ctrl-C interrupts; Ctrl-D, the end of the input, answers nothing. */
async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve, reject) => {
    terminal.once('SIGINT', () => {
      const message = 'interrupted, so nothing was changed';
      reject(new Failure(message, { exitCode: exitCode.interrupted }));
      terminal.close();
    });
    terminal.once('close', () => {
      process.stderr.write('\n');
      resolve('');
    });
    terminal.question(question, (answer) => {
      terminal.removeAllListeners('close').close();
      resolve(answer);
    });
  });
}

/** What a stream says when its reader or its terminal has gone. */
const goneCodes = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

function surviveGoneReaders(): void {
  // A reader that went away (`jailctl apply | head`) must not stop an apply half-way: the rest of
  // the output is lost, the work goes on.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!goneCodes.includes(error.code ?? '')) throw error;
    });
  }
}

/** What only some commands need is loaded when it is called: `exec` waits for none of it. */
function contextOf(script: string, version: string): Context {
  return {
    reader: hostReader,
    execute: async (step) => (await import('./host/executor.ts')).execute(step, packageRoot),
    createFile,
    openReport,
    writeOwnFile,
    openInput,
    openLines,
    requireTools: requireToolsOfARun,
    takeLock,
    writeJournal: async (entries) => (await import('./host/journal.ts')).writeJournal(entries),
    createThrowawayHost: async (options) =>
      (await import('./host/throwaway.ts')).createThrowawayHost(options),
    openRuns: (engine) => openHostRuns(engine, packageRoot),
    inspectRuns,
    runPackageManager: async (argv, onLine) =>
      (await import('./host/package-manager.ts')).runPackageManager(argv, onLine),
    openVerify: async () =>
      (await import('./host/verify/verify-host.ts')).openVerifyHost(packageRoot),
    placeHelper: async (helper, jail) =>
      (await import('./host/verify/place-helper.ts')).placeHelper(helper, jail),
    keepTimes: async (directories) =>
      (await import('./host/verify/keep-times.ts')).keepTimes(directories),
    takeTurn: async (signal) => (await import('./host/verify/turn.ts')).takeTurn(signal),
    tryWeakening: async (change, probes, engine) =>
      (await import('./host/verify/mutate.ts')).tryWeakening(change, probes, engine, {
        self: [process.execPath, script],
        packageRoot,
      }),
    output: {
      result: (text) => process.stdout.write(text),
      notice: (text) => process.stderr.write(text),
      noticeStream: process.stderr,
    },
    isRoot: process.geteuid?.() === 0,
    canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
    canDraw: process.stderr.isTTY === true && (process.env['CI'] ?? '') === '',
    self: [process.execPath, script],
    version,
    packageRoot,
    workingDirectory: process.cwd(),
    now: Date.now,
    ask,
  };
}

/**
 * Runs the command line of this process.
 * @param script the file that Node was started with, to start jailctl again elsewhere
 */
export async function start(script: string): Promise<void> {
  surviveGoneReaders();
  const text = hostReader.readText(`${packageRoot}/package.json`) ?? '{}';
  const { version } = JSON.parse(text);
  process.exitCode = await run(contextOf(script, version), process.argv.slice(2), process.env);
}
