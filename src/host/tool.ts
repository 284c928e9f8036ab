import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';

/** Begins with a command, or with the absolute path of a program. */
type Argv = readonly [string, ...string[]];

function pathOf([command]: Argv): string {
  return command.startsWith('/') ? command : requireCommand(command);
}

/** How every program starts: with a fixed environment and no shell. */
const common = {
  env: toolEnvironment,
  extendEnv: false,
  reject: false,
  // Ctrl-C in the terminal must not cut a tool half-way: jailctl itself ends after the step.
  detached: true,
} as const;

/** What is read of the end of a program. */
interface Ended {
  readonly failed: boolean;
  readonly stderr: string;
  readonly shortMessage?: string | undefined;
  readonly cause?: unknown;
}

function throwIfFailed(argv: Argv, ended: Ended): void {
  if (!ended.failed) return;
  const complaint = ended.stderr.trim().replaceAll('\n', '; ') || ended.shortMessage;
  throw new Failure(`${argv.slice(0, 3).join(' ')} failed: ${complaint}`, {
    cause: ended.cause ?? undefined,
  });
}

/** @param named what a failure is said of */
async function run(argv: Argv, named: Argv, input: string, timeout = 0): Promise<string> {
  // Loaded by whoever runs a tool: most runs of `exec` need none.
  const { execa } = await import('execa');
  const result = await execa(pathOf(argv), argv.slice(1), { ...common, input, timeout });
  throwIfFailed(named, result);
  return result.stdout;
}

/**
 * Runs a host program to its end.
 * @param timeoutMs it is ended, and has failed, when it takes longer; absent: it takes its time
 * @throws Failure with what the program wrote to stderr, when it fails
 */
export async function runTool(argv: Argv, stdin = '', timeoutMs = 0): Promise<string> {
  return run(argv, argv, stdin, timeoutMs);
}

/**
 * Runs a host program once for each list of arguments, in their order, also after one has failed.
 * One xargs(1) starts them: from here, that takes longer than what a small program does.
 * @param argv what each begins with
 * @param lists of the same length; no argument has a zero byte
 * @throws Failure with what the program wrote to stderr, when it fails
 */
export async function runToolForEach(
  argv: Argv,
  lists: readonly (readonly string[])[],
): Promise<void> {
  const starter = ['xargs', '-0', '-x', '-n', String(lists[0]?.length ?? 0), '--'] as const;
  const words = lists.flat().map((word) => `${word}\0`);
  await run([...starter, pathOf(argv), ...argv.slice(1)], argv, words.join(''));
}

/**
 * Runs a host program to its end that reads nothing and prints nothing. Node starts it itself: to load
 * execa takes longer than most such programs do, and each run of a program in a jail has some.
 * @throws MissingToolError, at once, when the host has no such command
 * @throws Failure with what the program wrote to stderr, when it fails
 */
export function runSilentTool(argv: Argv): Promise<void> {
  const { spawn } = process.getBuiltinModule('node:child_process');
  const running = spawn(pathOf(argv), argv.slice(1), {
    env: toolEnvironment,
    detached: common.detached,
    // Each socket that Node makes takes its time.
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Omit<Ended, 'stderr'>>((resolve) => {
    running.once('error', (cause) => resolve({ failed: true, shortMessage: cause.message, cause }));
    running.once('close', (code, signal) =>
      resolve({ failed: code !== 0, shortMessage: `it ended with ${code ?? signal}` }),
    );
  });
  return ended.then((end) => throwIfFailed(argv, { ...end, stderr }));
}

/**
 * SHA-256 of all that a host program writes to stdout, however much that is, in hex.
 * @throws Failure with what the program wrote to stderr, when it fails
 */
export async function digestOfOutput(argv: Argv): Promise<string> {
  const { execa } = await import('execa');
  const options = { ...common, input: '', buffer: { stdout: false } } as const;
  const running = execa(pathOf(argv), argv.slice(1), options);
  // To import it takes as long as all the rest, and most commands hash nothing.
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  running.stdout.on('data', (block: Buffer) => hash.update(block));
  throwIfFailed(argv, await running);
  return hash.digest('hex');
}
