import type { TestHost } from '../rig/host.ts';
import { archiveDirectory, pool } from './operations.ts';

/** What a cut run must leave right, as it is at one instant. */
export interface Look {
  /** UIDs of the pool that have an account. */
  readonly accounts: readonly number[];
  /** UIDs of the pool that a process runs as. */
  readonly running: readonly number[];
  /** What fences the pool, for each family: rules as iptables-save prints them. */
  readonly rules: Readonly<Record<'IPv4' | 'IPv6', string>>;
  /** What pwck(8) and grpck(8) complain of. */
  readonly accountFaults: string;
  /** The digest of each file that stands under its own name, by path. */
  readonly files: ReadonlyMap<string, string>;
  /** Whole archives, by the path of the home that each keeps. */
  readonly archives: readonly string[];
}

/**
 * First of all the fence and the accounts: jailctl is dead, but a program that it has started may
 * still be at work. The accounts are read before the rules: a new account whose fence comes only a
 * moment later is the break that this looks for.
 */
const script = `
first=$1; last=$2; archive=$3
section() { echo "@@ $1"; }
section accounts
awk -F: -v first="$first" -v last="$last" '$3 >= first && $3 <= last { print $3 }' /etc/passwd
section IPv4
iptables-save
section IPv6
ip6tables-save
section running
ps -e -o uid= -o stat= | awk -v first="$first" -v last="$last" \\
  '$1 >= first && $1 <= last && $2 !~ /^Z/ { print $1 }'
section accountFaults
pwck -r -q 2>&1 || echo "pwck exited with $?"
grpck -r 2>&1 || echo "grpck exited with $?"
section files
for root in /web /judge; do
  test ! -d "$root" || find "$root" -path "$root/.jailctl/scratch" -prune -o -type f -print0
done | xargs --null --no-run-if-empty sha256sum --
for path in /etc/passwd /etc/group /etc/shadow /etc/gshadow /etc/security/limits.d/jailctl.conf \\
  /var/lib/jailctl/pool.json
do
  test ! -e "$path" || sha256sum -- "$path"
done
section archives
for path in "$archive"/*.tar.*; do
  test -e "$path" || continue
  case $path in *.zst) program=zstd ;; *) program=gzip ;; esac
  tar --use-compress-program="$program" --list --file="$path" >/run/archive.list &&
    grep -q '/data$' /run/archive.list && basename -- "$path"
done
rm -f /run/archive.list
section end
`;

function sectionsOf(text: string): (name: string) => string {
  const parts = text.split(/^@@ (\w+)\n/m).slice(1);
  return (name) => {
    const at = parts.indexOf(name);
    const found = parts[at + 1];
    if (at % 2 !== 0 || found === undefined) throw new Error(`no section ${name} in:\n${text}`);
    return found;
  };
}

const numbers = (text: string) => text.split('\n').filter(Boolean).map(Number);

/** Looks at all of it in one program, and first at what must hold at every instant. */
export async function look(host: TestHost): Promise<Look> {
  const range = [String(pool.first), String(pool.last)];
  const of = sectionsOf(
    await host.ok(['sh', '-c', script, 'sh', ...range, archiveDirectory] as const),
  );
  const digests = of('files').split('\n').filter(Boolean);
  return {
    accounts: numbers(of('accounts')),
    running: [...new Set(numbers(of('running')))],
    rules: { IPv4: of('IPv4'), IPv6: of('IPv6') },
    accountFaults: of('accountFaults').trim(),
    files: new Map(digests.map((line) => [line.slice(66), line.slice(0, 64)])),
    archives: of('archives').split('\n').filter(Boolean),
  };
}

const jump = new RegExp(
  `^-A OUTPUT -m owner --uid-owner ${pool.first}-${pool.last} .*-j JAILCTL$`,
  'm',
);

function fenceFaults({ accounts, rules }: Look): readonly string[] {
  if (accounts.length === 0) return [];
  return Object.entries(rules).flatMap(([family, text]) => [
    ...(jump.test(text) ? [] : [`jail users without a jump to their fence in ${family}`]),
    ...(/^-A JAILCTL -p tcp .*-j REJECT/m.test(text) &&
    /^-A JAILCTL -m comment .*-j REJECT/m.test(text)
      ? []
      : [`jail users without a fence that refuses in ${family}`]),
  ]);
}

/** Lines of pwck(8) and grpck(8) about a jail user that stands in one of two files. */
const unpaired =
  /^no matching (?:password|group) file entry in \S+\n(?:delete line|add (?:user|group)) '(?:web|judge)\d+[:'].*\n/gm;

/**
 * Four files can't change at one instant. Between the renames a user may stand in shadow and not in
 * passwd, as in the middle of a useradd(8): nobody can log in by that.
 */
function accountFaults(now: Look, betweenRenames: boolean): readonly string[] {
  const told = betweenRenames ? now.accountFaults.replaceAll(unpaired, '') : now.accountFaults;
  const rest = told.replaceAll(/^(?:pwck|grpck)(?:: no changes| exited with 2)$/gm, '').trim();
  return rest === '' ? [] : [`account files: ${rest}`];
}

/** A file must be as it was before the run or as it is after it, or not be there. */
function halfFiles(now: Look, whole: readonly Look[]): readonly string[] {
  return [...now.files].flatMap(([path, digest]) =>
    whole.some(({ files }) => files.get(path) === digest) ? [] : [`neither old nor new: ${path}`],
  );
}

/** A home that goes is there as long as there is no archive of it that can be read. */
function lostHomes(now: Look, homes: readonly string[]): readonly string[] {
  return homes.flatMap((home) => {
    const [, jail, , user] = home.split('/');
    const kept = now.archives.some((name) => name.startsWith(`${jail}-${user}-`));
    return kept || now.files.has(`${home}/data`) ? [] : [`data lost: ${home}`];
  });
}

/**
 * What is wrong on a host where a run was cut, for a person.
 * @param whole looks at the host before the run, and after one that was not cut
 * @param homes those that the run deletes
 * @param betweenRenames whether it was cut after the first rename of an account file, before the last
 */
export function faultsOf(
  now: Look,
  whole: readonly Look[],
  homes: readonly string[],
  betweenRenames: boolean,
): readonly string[] {
  const orphans = now.running.filter((uid) => !now.accounts.includes(uid));
  return [
    ...fenceFaults(now),
    ...orphans.map((uid) => `a process of UID ${uid}, which has no account any more`),
    ...accountFaults(now, betweenRenames),
    ...halfFiles(now, whole),
    ...lostHomes(now, homes),
  ];
}
