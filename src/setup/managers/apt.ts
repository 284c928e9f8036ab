import { Failure } from '../../model/failure.ts';
import type { Reader } from '../../model/reader.ts';
import type { Argv, PackageManager, PackageState } from '../package-manager.ts';

/**
 * Without questions: debconf(7) asks none, and a file of /etc that is there already stays as it is
 * (dpkg(1)). needrestart(1), which Ubuntu calls after each apt, restarts no service.
 */
const environment = ['env', 'DEBIAN_FRONTEND=noninteractive', 'NEEDRESTART_SUSPEND=1'] as const;
const keepSettings = [
  ...['--option', 'Dpkg::Options::=--force-confdef'],
  ...['--option', 'Dpkg::Options::=--force-confold'],
];
/** Nothing goes for what comes. */
const installOptions = ['--no-install-recommends', '--no-remove'];

function apt(verb: string, options: readonly string[], names: readonly string[]): Argv {
  const words = names.length === 0 ? [] : ['--', ...names];
  return [...environment, 'apt-get', verb, '--quiet', '--yes', ...options, ...words];
}

/** `Inst NAME (…` and `Remv NAME […` in what apt-get(8) would do. */
function simulate(
  reader: Reader,
  word: 'Inst' | 'Remv',
  argv: Argv,
): readonly string[] | undefined {
  const { status, stdout } = reader.query(argv);
  if (status !== 0) return undefined;
  const pattern = new RegExp(`^${word} (\\S+)`, 'gm');
  return [...stdout.matchAll(pattern)].flatMap(([, name]) => name ?? []);
}

/**
 * The second letter tells the state (dpkg-query(1)): `n` not installed, `c` only its settings. All
 * others have files on the host, whole or not. A package of two architectures has one name here.
 */
function parseState(text: string): ReadonlyMap<string, PackageState> {
  const states = new Map<string, PackageState>();
  for (const line of text.split('\n')) {
    const [, letter, name] = /^.(.). (\S+)$/.exec(line) ?? [];
    if (name === undefined || letter === 'n') continue;
    if (letter !== 'c') states.set(name, 'installed');
    else if (!states.has(name)) states.set(name, 'settings');
  }
  return states;
}

function readState(reader: Reader): ReadonlyMap<string, PackageState> {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: fields of dpkg-query(1)
  const format = '--showformat=${db:Status-Abbrev} ${Package}\n';
  const { status, stdout, stderr } = reader.query(['dpkg-query', '--show', format]);
  if (status !== 0) throw new Failure(`dpkg-query failed: ${stderr.trim()}`);
  return parseState(stdout);
}

export const aptManager: PackageManager = {
  name: 'apt',
  command: 'apt-get',
  systems: ['debian', 'ubuntu'],
  packages: {
    attr: 'attr',
    coreutils: 'coreutils',
    crun: 'crun',
    findutils: 'findutils',
    iptables: 'iptables',
    jailkit: 'jailkit',
    'openssh-server': 'openssh-server',
    passwd: 'passwd',
    runc: 'runc',
    tar: 'tar',
    'util-linux': 'util-linux',
    zstd: 'zstd',
  },
  refresh: apt('update', [], []),
  install: (names) => apt('install', [...installOptions, ...keepSettings], names),
  remove: (names) => apt('remove', ['--no-auto-remove'], names),
  // Not apt-get purge above, which would take the settings that the host had before.
  forget: (names) => [...environment, 'dpkg', '--purge', '--', ...names],
  readState,
  preview: (reader, names) => {
    const options = ['--simulate', ...installOptions];
    const state = readState(reader);
    return simulate(reader, 'Inst', ['apt-get', 'install', ...options, '--', ...names])?.filter(
      (name) => state.get(name) !== 'installed',
    );
  },
  neededBy: (reader, names) => {
    const removed = simulate(reader, 'Remv', ['apt-get', 'remove', '--simulate', '--', ...names]);
    return (removed ?? []).filter((name) => !names.includes(name));
  },
};
