import { readFileSync } from 'node:fs';
import { execa } from 'execa';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { requireCommand, toolEnvironment } from './path.ts';
import { hostReader } from './reader.ts';
import {
  type CgroupSubtree,
  cgroupScript,
  cgroupSubtrees,
  cgroupsToJoin,
} from './throwaway/cgroups.ts';
import { type ChangedPath, changedPaths } from './throwaway/changed-paths.ts';
import {
  type Argv,
  type CommandOptions,
  type CommandResult,
  type Place,
  type RunningCommand,
  runIn,
  type SpawnOptions,
  spawnIn,
} from './throwaway/command.ts';
import { type Layer, layersOf } from './throwaway/mount-table.ts';
import { readPacketRules } from './throwaway/packet-rules.ts';
import { layersDirectory, setupScript } from './throwaway/setup-script.ts';

export type { ChangedPath } from './throwaway/changed-paths.ts';
export type {
  Argv,
  CommandOptions,
  CommandResult,
  RunningCommand,
  SpawnOptions,
} from './throwaway/command.ts';

/**
 * A copy-on-write copy of this host in namespaces of its own: real programs change real files,
 * accounts and packet rules in it, and the real host keeps its own. It is a guard against
 * accidents, not a sandbox: root in it is root, and could mount a disk or a cgroup file system.
 *
 * Not separate are the kernel (its modules, and the count of processes of each UID that
 * RLIMIT_NPROC compares with), the clock, and memory: what is written is held in RAM, at most half
 * of it.
 */
export interface ThrowawayHost extends AsyncDisposable {
  /** In what it is not like the real host, for a person; mostly empty. */
  readonly warnings: readonly string[];
  /**
   * Runs a program in it until the program ends.
   * @throws Failure when it can't be started, or does not end in time
   */
  run(argv: Argv, options?: CommandOptions): Promise<CommandResult>;
  /** Starts a program in it that goes on running, at most as long as the throwaway host. */
  spawn(argv: Argv, options?: SpawnOptions): RunningCommand;
  /**
   * What differs from the real host by now.
   * @throws MissingToolError without getfattr
   */
  changedPaths(): readonly ChangedPath[];
}

export interface ThrowawayOptions {
  /**
   * Programs in it can make cgroups, in the hierarchies that this host has: of each it sees a
   * subtree as the whole. Without this it has no cgroups.
   */
  readonly cgroups?: boolean;
}

/** It takes a tenth of a second, and longer on a loaded machine with many mounts. */
const setupTimeoutMs = 30_000;

function startHolder(layers: readonly Layer[], subtrees: readonly CgroupSubtree[]) {
  const script = layers.flatMap(({ by, flags, mountPoint }) => [
    by,
    flags.map((flag) => `${flag},`).join(''),
    mountPoint,
  ]);
  const mounts = subtrees.flatMap(({ version, mountOptions, mountPoint }) => [
    version === 2 ? 'cgroup2' : 'cgroup',
    mountOptions,
    mountPoint,
  ]);
  const unshare = [
    requireCommand('unshare'),
    ...['--mount', '--net', '--pid', '--uts', '--ipc', ...(mounts.length > 0 ? ['--cgroup'] : [])],
    ...['--fork', '--kill-child', '--propagation=private', '--'],
    ...['/bin/sh', '-c', setupScript, 'sh', ...script, ...mounts],
  ] as const;
  const parents = subtrees.map(({ parent }) => parent).join('\n');
  const [command, ...args] =
    mounts.length > 0
      ? (['/bin/sh', '-c', cgroupScript, 'sh', parents, ...unshare] as const)
      : unshare;
  return execa(command, args, {
    env: toolEnvironment,
    extendEnv: false,
    cwd: '/',
    reject: false,
    // Held open for as long as the throwaway host lives, so it ends even if we are killed.
    stdin: 'pipe',
    // Its own session: Ctrl-C is for its owner, who then ends it in order.
    detached: true,
  });
}

type Holder = ReturnType<typeof startHolder>;

/** Waits for the script's last word, and gives everything it said; less when it failed. */
async function scriptOutput(holder: Holder): Promise<string> {
  const slow = setTimeout(() => {
    // The whole session: with cgroups, unshare is a grandchild.
    if (holder.pid !== undefined) process.kill(-holder.pid, 'SIGKILL');
  }, setupTimeoutMs);
  const output = await new Promise<string>((resolve) => {
    let text = '';
    holder.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (/^ready .*\n/m.test(text)) resolve(text);
    });
    holder.then((result) => resolve(result.stdout));
  });
  clearTimeout(slow);
  return output;
}

async function setupFailure(holder: Holder): Promise<Failure> {
  const result = await holder;
  const complaint = result.stderr.trim() || result.shortMessage;
  return new Failure(`can't make a throwaway host: ${complaint}`, {
    exitCode: exitCode.missing,
    hint:
      'it needs every capability of root and overlayfs: ' +
      'run it outside of containers, or in a privileged one',
    cause: result.cause ?? undefined,
  });
}

/**
 * Ends everything in the throwaway host: closing the pipe ends its first process, and with it the
 * kernel kills all of the PID namespace; unshare ends when that is done.
 */
async function end(holder: Holder): Promise<void> {
  holder.stdin.end();
  await holder;
}

/** Gives the throwaway host, whose rules are empty, those of the real host. */
async function copyPacketRules(place: Place): Promise<string[]> {
  const warnings: string[] = [];
  for (const { restore, text } of readPacketRules(hostReader)) {
    const result = await runIn(place, [restore], { input: text });
    if (result.exitCode === 0) continue;
    // A rule may name what only the real host has: an ipset.
    warnings.push(`packet rules not copied: ${restore}: ${result.stderr.trim()}`);
  }
  return warnings;
}

function viewsOf(firstProcess: number, layers: readonly Layer[], readOnly: ReadonlySet<number>) {
  const directory = `/proc/${firstProcess}/root${layersDirectory}`;
  return layers.flatMap(({ by, mountPoint }, number) => {
    if (by === 'bind' || readOnly.has(number)) return [];
    const [lower, upper, merged] = ['lower', 'upper', 'merged'].map(
      (view) => `${directory}/${view}/${number}`,
    ) as [string, string, string];
    return [{ mountPoint, lower, upper, merged }];
  });
}

/**
 * Makes a throwaway host. It ends when it is disposed of, or when this process ends in whatever
 * way, and leaves nothing: no process, no mount, no file.
 * @throws Failure with exit code 7 without root, or where the kernel refuses
 * @throws MissingToolError without unshare
 */
export async function createThrowawayHost(options: ThrowawayOptions = {}): Promise<ThrowawayHost> {
  if (process.geteuid?.() !== 0) {
    throw new Failure('only root can make a throwaway host', {
      exitCode: exitCode.missing,
      hint: 'run the same command with sudo',
    });
  }
  const layers = layersOf(readFileSync('/proc/self/mountinfo', 'utf8'));
  const subtrees = options.cgroups === true ? cgroupSubtrees() : [];
  const holder = startHolder(layers, subtrees);
  const said = await scriptOutput(holder);
  const firstProcess = Number(/^ready (\d+)$/m.exec(said)?.[1]);
  if (Number.isNaN(firstProcess)) throw await setupFailure(holder);
  const place = { process: firstProcess, cgroups: cgroupsToJoin(subtrees, holder.pid as number) };
  const readOnly = new Set(
    [...said.matchAll(/^read-only (\d+)$/gm)].map((match) => Number(match[1])),
  );
  const warnings = [...readOnly].map((number) => {
    const { mountPoint, fileSystem } = layers[number] as Layer;
    return `read only, because ${fileSystem} can't be overlaid there: ${mountPoint}`;
  });
  try {
    warnings.push(...(await copyPacketRules(place)));
  } catch (error) {
    await end(holder);
    throw error;
  }
  return {
    warnings,
    run: (argv, options = {}) => runIn(place, argv, options),
    spawn: (argv, options = {}) => spawnIn(place, argv, options),
    changedPaths: () => changedPaths(hostReader, viewsOf(firstProcess, layers, readOnly)),
    [Symbol.asyncDispose]: () => end(holder),
  };
}
