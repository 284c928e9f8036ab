import type { Context } from './cli/context.ts';
import { createFile, openReport } from './host/create-file.ts';
import { takeLock } from './host/lock.ts';
import { writeOwnFile } from './host/own-file.ts';
import { requireToolsOfARun } from './host/path.ts';
import { hostReader } from './host/reader.ts';
import { inspectRuns } from './host/run/inspect.ts';
import { exitCode } from './model/exit-code.ts';
import { Failure } from './model/failure.ts';

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

/** What the edge of the process knows. */
interface Process extends Pick<Context, 'output' | 'version' | 'packageRoot'> {
  /** The file that Node was started with. */
  readonly script: string;
}

/** What only some commands need is loaded when it is called: `exec` waits for none of it. */
export function openContext({ output, version, script, packageRoot }: Process): Context {
  let executor: Promise<typeof import('./host/executor.ts')> | undefined;
  return {
    reader: hostReader,
    execute: async (step) => {
      // A plan has thousands of steps, and to import what is there already takes longer than most.
      executor ??= import('./host/executor.ts');
      return (await executor).execute(step, packageRoot);
    },
    createFile,
    openReport,
    writeOwnFile,
    openInput: async (path) => (await import('./host/input.ts')).openInput(path),
    openLines: async (path, signal) => (await import('./host/input.ts')).openLines(path, signal),
    requireTools: requireToolsOfARun,
    takeLock,
    writeJournal: async (entries) => (await import('./host/journal.ts')).writeJournal(entries),
    createThrowawayHost: async (options) =>
      (await import('./host/throwaway.ts')).createThrowawayHost(options),
    openRuns: async (engine) =>
      (await import('./host/run/host-runs.ts')).openHostRuns(engine, packageRoot),
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
    output,
    isRoot: process.geteuid?.() === 0,
    get canAsk() {
      return process.stdin.isTTY === true && output.noticeStream.isTTY === true;
    },
    get canDraw() {
      return output.noticeStream.isTTY === true && (process.env['CI'] ?? '') === '';
    },
    self: [process.execPath, script],
    version,
    packageRoot,
    workingDirectory: process.cwd(),
    now: Date.now,
    ask,
  };
}
