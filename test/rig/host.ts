import { fileURLToPath } from 'node:url';
import {
  type Argv,
  type CommandOptions,
  type CommandResult,
  createThrowawayHost,
  type RunningCommand,
  type ThrowawayHost,
  type ThrowawayOptions,
} from '../../src/host/throwaway.ts';
import { isOfJournal } from '../../src/model/host-paths.ts';
import { askArgv, listenArgv, type Protocol } from './network.ts';

/** The built command line, by a path that is the same in every throwaway host. */
const jailctlPath = fileURLToPath(new URL('../../dist/jailctl.js', import.meta.url));

/** What a test compares before and after. Two snapshots of the same state are equal. */
export interface Snapshot {
  /** Text of each account file, by path; only those that exist. */
  readonly accounts: Readonly<Record<string, string>>;
  /** As iptables-save and ip6tables-save print them, without comments and counters. */
  readonly rules: { readonly ipv4: string; readonly ipv6: string };
  /** A line for each path below the directories asked for: type, mode, owner, size, target, digest. */
  readonly files: readonly string[];
  /** `mountPoint fileSystem` of each mount. */
  readonly mounts: readonly string[];
}

/** A throwaway host with what tests do often. `changedPaths` leaves out the journal. */
export interface TestHost extends ThrowawayHost {
  /** Runs the built command line; a failing exit code is a result, not an error. */
  jailctl(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** @throws Error with stdout and stderr unless the program exits 0. @returns its stdout */
  ok(argv: Argv, options?: CommandOptions): Promise<string>;
  /** Writes a file of root's, with its parent directories. `mode` defaults to 0644. */
  write(path: string, text: string, mode?: number): Promise<void>;
  read(path: string): Promise<string>;
  /** Starts a server that answers `hello`, and waits until it listens. */
  listen(
    protocol: Protocol,
    address: string,
    port: number,
    options?: { readonly user?: number },
  ): Promise<RunningCommand>;
  /**
   * Asks such a server, as `user` or as root: `answered`, `silence` for one second, or the name of
   * an errno.
   */
  ask(
    protocol: Protocol,
    address: string,
    port: number,
    options?: { readonly user?: number },
  ): Promise<string>;
  /** @param directories whose files are listed and read */
  snapshot(directories?: readonly string[]): Promise<Snapshot>;
}

const accountFiles = ['passwd', 'group', 'shadow', 'gshadow', 'subuid', 'subgid'];

function withoutNoise(rules: string): string {
  return rules
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/^(:.*) \[\d+:\d+\]$/, '$1'))
    .join('\n');
}

const sortedLines = (text: string) => text.split('\n').filter(Boolean).sort();

async function snapshot(host: Pick<TestHost, 'ok'>, directories: readonly string[]) {
  const accounts: Record<string, string> = {};
  for (const name of accountFiles) {
    const path = `/etc/${name}`;
    accounts[path] = await host.ok(['sh', '-c', 'test ! -e "$1" || cat -- "$1"', 'sh', path]);
  }
  const found =
    directories.length === 0
      ? []
      : sortedLines(
          await host.ok([
            ...(['find', ...directories] as const),
            ...['-printf', '%p %y %m %U:%G %l '],
            ...['(', '-type', 'f', '-exec', 'sha256sum', '--zero', '--', '{}', ';'],
            ...['-o', '-true', ')', '-printf', '\n'],
          ]),
        );
  return {
    accounts,
    rules: {
      ipv4: withoutNoise(await host.ok(['iptables-save'])),
      ipv6: withoutNoise(await host.ok(['ip6tables-save'])),
    },
    files: found,
    mounts: sortedLines(
      await host.ok(['findmnt', '--list', '--noheadings', '--output=TARGET,FSTYPE']),
    ),
  };
}

/** `await using host = await testHost()`: a throwaway host that ends with the block. */
export async function testHost(options?: ThrowawayOptions): Promise<TestHost> {
  const host = await createThrowawayHost(options);
  const ok = async (argv: Argv, options?: CommandOptions) => {
    const { exitCode, signal, stdout, stderr } = await host.run(argv, options);
    if (exitCode === 0) return stdout;
    throw new Error(`${argv.join(' ')} ended with ${exitCode ?? signal}\n${stdout}${stderr}`);
  };
  return {
    ...host,
    // The journal outlives the jails: a test that nothing is left is not about it.
    changedPaths: () => host.changedPaths().filter(({ path }) => !isOfJournal(path)),
    ok,
    jailctl: (args, options) => host.run([process.execPath, jailctlPath, ...args], options),
    write: async (path, text, mode = 0o644) => {
      const script = 'mkdir -p -- "$(dirname -- "$1")" && cat >"$1" && chmod -- "$2" "$1"';
      await ok(['sh', '-c', script, 'sh', path, mode.toString(8)], { input: text });
    },
    read: (path) => ok(['cat', '--', path]),
    listen: async (protocol, address, port, options) => {
      const server = host.spawn(listenArgv(protocol, address, port), options);
      await server.printed('listening');
      return server;
    },
    ask: async (protocol, address, port, options) =>
      (await ok(askArgv(protocol, address, port), options)).trim(),
    snapshot: (directories = []) => snapshot({ ok }, directories),
  };
}
