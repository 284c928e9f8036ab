import { packageOfTool, toolsOfAChange, toolsOfRuns } from '../model/host-tools.ts';
import type { Manifest } from '../model/manifest.ts';
import type { Reader } from '../model/reader.ts';
import type { RunFacts } from '../model/run-facts.ts';
import type { PackageKey, PackageState } from './package-manager.ts';

/** Something that the host lacks. */
export interface Need {
  /** What to install: by a key, or by the very name that a manifest says. */
  readonly wanted: { readonly key: PackageKey } | { readonly name: string };
  /** Commands that are missing; empty where a package is wanted for its files. */
  readonly missing: readonly string[];
  /** For a person. */
  readonly why: string;
}

/** What no package manager brings. */
export interface ByHand {
  readonly what: string;
  readonly how: string;
}

export interface Needs {
  readonly needs: readonly Need[];
  readonly byHand: readonly ByHand[];
}

const whyOf: Readonly<Partial<Record<PackageKey, string>>> = {
  attr: 'extended attributes, which never come into a jail',
  coreutils: 'files of jails',
  findutils: 'what users leave, and how much they write',
  iptables: 'packet rules around the users of jails',
  passwd: 'accounts of jail users',
  'util-linux': 'namespaces, locks and users of programs',
};

/** Of tools that every manifest needs, by the package that brings them. */
function toolNeeds(reader: Reader): readonly Need[] {
  const missing = [...toolsOfAChange, ...toolsOfRuns].filter(
    (tool) => reader.which(tool) === undefined,
  );
  return [...Map.groupBy(missing, (tool) => packageOfTool[tool] as PackageKey)].map(
    ([key, tools]) => ({ wanted: { key }, missing: tools, why: whyOf[key] ?? '' }),
  );
}

const gvisor: ByHand = {
  what: 'runsc, the engine of gVisor',
  how: 'https://gvisor.dev/docs/user_guide/install',
};

/** `exec` takes the best one that works; one that a jail names is needed itself. */
function engineNeeds(manifest: Manifest, { engines }: RunFacts): Needs {
  const works = ({ path, fault }: RunFacts['engines'][number]) =>
    path !== undefined && fault === undefined;
  const [best] = engines.map(({ name }) => name);
  const byItself = engines.filter(({ name }) => name === 'crun' || name === 'runc');
  const named = new Set(
    manifest.jails.map(({ engine }) => engine ?? (byItself.some(works) ? undefined : best)),
  );
  const missing = engines.filter((one) => named.has(one.name) && one.path === undefined);
  return {
    needs: missing.flatMap(({ name }) =>
      name === 'crun' || name === 'runc'
        ? { wanted: { key: name }, missing: [name], why: 'runs programs in jails' }
        : [],
    ),
    byHand: missing.some(({ name }) => name === 'runsc') ? [gvisor] : [],
  };
}

/** Commands that only some jails need. */
function jailNeeds(reader: Reader, { jails }: Manifest): readonly Need[] {
  const entries = jails.flatMap(({ tools }) => tools.map(({ entry }) => entry));
  const hasLogins = jails.some(({ login }) => login === 'chroot');
  const archives = jails.some(({ archive }) => archive !== undefined);
  const fromJailkit = entries.some((entry) => entry.startsWith('jailkit:'));
  const conditions: readonly (readonly [boolean, PackageKey, string, string])[] = [
    [archives, 'tar', 'tar', 'archives of homes'],
    [archives, 'zstd', 'zstd', 'archives of homes'],
    [hasLogins, 'jailkit', 'jk_chrootsh', 'logins in jails'],
    [hasLogins, 'openssh-server', 'sshd', 'logins in jails'],
    [fromJailkit && !hasLogins, 'jailkit', 'jk_init', 'sections of its jk_init.ini'],
  ];
  return conditions.flatMap(([applies, key, command, why]) =>
    applies && reader.which(command) === undefined
      ? { wanted: { key }, missing: [command], why }
      : [],
  );
}

/** `package:NAME` names a package as this host's package manager does. */
function packageNeeds(
  { jails }: Manifest,
  state: ReadonlyMap<string, PackageState>,
): readonly Need[] {
  const requests = jails.flatMap(({ tools }) => tools).filter(({ optional }) => !optional);
  const names = requests.flatMap(({ entry }) => /^package:(.*)$/.exec(entry)?.[1] ?? []);
  return [...new Set(names)].flatMap((name) =>
    state.get(name.replace(/:.*/, '')) === 'installed'
      ? []
      : { wanted: { name }, missing: [], why: `the manifest takes package:${name}` },
  );
}

/**
 * What this host lacks for a manifest.
 * @param state the packages that it has; undefined where it has no package manager
 */
export function needsOf(
  reader: Reader,
  manifest: Manifest,
  runs: RunFacts,
  state: ReadonlyMap<string, PackageState> | undefined,
): Needs {
  const engine = engineNeeds(manifest, runs);
  const packages = state === undefined ? [] : packageNeeds(manifest, state);
  return {
    needs: [...toolNeeds(reader), ...engine.needs, ...jailNeeds(reader, manifest), ...packages],
    byHand: engine.byHand,
  };
}
