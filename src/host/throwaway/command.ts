import { readdirSync, readFileSync } from 'node:fs';
import { execa, type Options } from 'execa';
import { Failure } from '../../model/failure.ts';
import { kill } from '../kill.ts';
import { requireCommand, toolEnvironment } from '../path.ts';

export interface CommandOptions {
  /** Written to standard input, which is empty without it. */
  readonly input?: string;
  /** In addition to PATH, HOME and LANG: nothing is inherited from the caller. */
  readonly env?: Readonly<Record<string, string>>;
  /** A directory of the throwaway host; `/` without it. */
  readonly cwd?: string;
  /** Run as this UID and the GID of the same number, with no other group; as root without it. */
  readonly user?: number;
  /** After this long, the program is killed, and `run` fails. */
  readonly timeoutMs?: number;
}

export type SpawnOptions = Omit<CommandOptions, 'timeoutMs'>;

export interface CommandResult {
  /** Absent where a signal ended the program. */
  readonly exitCode?: number;
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that goes on running in the throwaway host. Disposing of it kills it. */
export interface RunningCommand extends AsyncDisposable {
  /**
   * Resolves once the program has written `text` to its standard output.
   * @throws Failure when it ends without having done so
   */
  printed(text: string): Promise<void>;
  /** Resolves when it ends. */
  result(): Promise<CommandResult>;
}

export type Argv = readonly [string, ...string[]];

/** Goes to a directory, then becomes the program: nsenter --wdns is missing before 2.38. */
const changeDirectory = 'cd -- "$1" && shift && exec "$@"';

/** Goes into groups, named by their directories, a line each: 0 means the writer itself. */
const joinGroups = `
IFS='
'
for group in $1; do echo 0 >"$group/cgroup.procs" || exit; done
shift
exec "$@"
`;

/** Where programs of a throwaway host run. */
export interface Place {
  /** The PID, on this host, of a process in the namespaces of the throwaway host. */
  readonly process: number;
  /** Directories of the cgroups on this host. Where there are any, it has a cgroup namespace too. */
  readonly cgroups: readonly string[];
}

/**
 * The argv that runs a program in the namespaces of a throwaway host. The program dies with
 * nsenter, which itself waits outside and passes on neither signals nor its own end (hence
 * --pdeathsig).
 */
export function enterArgv({ process, cgroups }: Place, argv: Argv, options: SpawnOptions): Argv {
  const { user, cwd = '/' } = options;
  const groups = cgroups.join('\n');
  const join = ['/bin/sh', '-c', joinGroups, 'sh', groups, requireCommand('nsenter')] as const;
  const identity =
    user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  return [
    ...(cgroups.length > 0
      ? ([...join, '--cgroup'] as const)
      : ([requireCommand('nsenter')] as const)),
    `--target=${process}`,
    '--mount',
    '--uts',
    '--ipc',
    '--net',
    '--pid',
    '--',
    'setpriv',
    ...identity,
    '--pdeathsig=KILL',
    '--',
    'sh',
    '-c',
    changeDirectory,
    'sh',
    cwd,
    ...argv,
  ];
}

function start(place: Place, argv: Argv, options: SpawnOptions) {
  const [command, ...args] = enterArgv(place, argv, options);
  return execa(command, args, {
    extendEnv: false,
    env: { PATH: toolEnvironment.PATH, HOME: '/root', LANG: 'C.UTF-8', ...options.env },
    cwd: '/',
    input: options.input ?? '',
    reject: false,
    stripFinalNewline: false,
  } satisfies Options);
}

type Started = ReturnType<typeof start>;

/** The parent of a process, or nothing when it has just ended. */
function parentOf(process: string): number | undefined {
  try {
    // The name, in parentheses, may itself hold spaces and parentheses.
    const afterName = readFileSync(`/proc/${process}/stat`, 'utf8').replace(/^.*\)/s, '');
    return Number(afterName.trim().split(' ')[1]);
  } catch {
    return undefined;
  }
}

/**
 * Kills the program, whose end nsenter then sees and repeats. Killing nsenter would leave the dead
 * program to process 1 of the real host, and the PID namespace can't end before that has seen it.
 */
function killProgram(nsenter: Started): void {
  const children = readdirSync('/proc').filter(
    (name) => /^\d+$/.test(name) && parentOf(name) === nsenter.pid,
  );
  for (const child of children) kill(Number(child));
  if (children.length === 0) nsenter.kill('SIGKILL');
}

async function finish(
  argv: Argv,
  started: Started,
  timeoutMs: number | undefined,
): Promise<CommandResult> {
  let late = false;
  const timer =
    timeoutMs !== undefined &&
    setTimeout(() => {
      late = true;
      killProgram(started);
    }, timeoutMs);
  const result = await started;
  if (timer) clearTimeout(timer);
  const { exitCode, signal, stdout, stderr } = result;
  if (late || (exitCode === undefined && signal === undefined)) {
    const complaint = late ? `it did not end within ${timeoutMs} ms` : result.shortMessage;
    const cause = result.cause ?? undefined;
    throw new Failure(`in the throwaway host, ${argv.join(' ')}: ${complaint}`, { cause });
  }
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal }),
    stdout,
    stderr,
  };
}

/**
 * Runs a program in a throwaway host until it ends.
 * @throws Failure when it can't be started, or does not end in time
 */
export async function runIn(
  place: Place,
  argv: Argv,
  options: CommandOptions,
): Promise<CommandResult> {
  return finish(argv, start(place, argv, options), options.timeoutMs);
}

/** Starts a program in a throwaway host. */
export function spawnIn(place: Place, argv: Argv, options: SpawnOptions): RunningCommand {
  const started = start(place, argv, options);
  let running = true;
  started.finally(() => {
    running = false;
  });
  const result = () => finish(argv, started, undefined);
  let output = '';
  started.stdout.on('data', (chunk) => {
    output += String(chunk);
  });
  const printed = async (text: string) => {
    while (!output.includes(text)) {
      const more = new Promise<'more'>((resolve) =>
        started.stdout.once('data', () => resolve('more')),
      );
      const next = await Promise.race([more, result()]);
      if (next === 'more' || output.includes(text)) continue;
      const what = `${argv.join(' ')} ended without printing ${text}`;
      throw new Failure(`in the throwaway host, ${what}: ${next.stderr.trim()}`);
    }
  };
  return {
    printed,
    result,
    [Symbol.asyncDispose]: async () => {
      if (running) killProgram(started);
      await started;
    },
  };
}
