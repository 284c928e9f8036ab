import { outcomeText, requireOutcome } from '../../attempt.ts';
import type { Probe } from '../../probe.ts';
import type { Range } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';

const accountFiles = ['/etc/passwd', '/etc/group'];

/** Hashes of passwords, and copies of them that tools leave behind. */
const secretFiles = [
  ...['/etc/shadow', '/etc/shadow-', '/etc/gshadow', '/etc/gshadow-'],
  ...['/etc/security/opasswd', '/etc/master.passwd', '/etc/passwd-', '/etc/group-'],
];

function foreignNames(lines: readonly string[], own: ReadonlySet<string>): readonly string[] {
  const names = lines.filter((line) => line !== '').map((line) => line.split(':')[0] ?? line);
  return names.filter((name) => !own.has(name));
}

const linesOf = (facts: ReadonlyMap<string, string>) =>
  [...facts].flatMap(([name, line]) => (name.startsWith('line-') ? [line] : []));

/** Who is named in one account file: as it lies in the jail, and as a program there reads it. */
async function foreignIn(range: Range, path: string): Promise<readonly string[]> {
  const { jail } = range.subject;
  const own = new Set(jail.users.map(({ name }) => name));
  const { reader } = range.host;
  const onHost = `${jail.path}${path}`;
  // Of a symlink, the host knows another end than the jail, and a foreign jail's may be a tenant's.
  const isFile = reader.lstat(onHost)?.type === 'file';
  const onDisk = isFile ? (reader.readText(onHost) ?? '').split('\n') : [];
  const answer = await range.inside(['lines', path]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  // Through a root-owned symlink, the program may read another file than the one on disk.
  return [...new Set(foreignNames([...onDisk, ...linesOf(answer.facts)], own))];
}

async function foreignAccounts(range: Range): Promise<Finding> {
  const { host, user, subject } = range;
  const outside = await host.outside(['lines', '/etc/passwd'], { as: user.uid });
  const own = new Set(subject.jail.users.map(({ name }) => name));
  const others = foreignNames(linesOf(outside.facts), own);
  if (others.length === 0) return noControl(`outside: ${outcomeText(outside)}, and nobody else`);
  const found: string[] = [];
  for (const path of accountFiles) {
    const names = await foreignIn(range, path);
    if (names.length > 0) found.push(`${path} names ${names.slice(0, 8).join(', ')}`);
  }
  if (found.length > 0) return broken(found.join('; '));
  return held(`only ${[...own].join(', ')} in the jail; ${others.length} others outside`);
}

async function passwordHashes(range: Range): Promise<Finding> {
  const { host, subject } = range;
  const outside = await host.outside(['readable', ...secretFiles], { isolated: true });
  const isThere = (at: number) => /^[1-9]\d*$/.test(outside.facts.get(`file-${at}`) ?? '');
  const control = secretFiles.filter((_, at) => isThere(at));
  if (control.length === 0) return noControl('root finds none of them outside the jail');
  // Of whatever mode: a file that must not be there need not be readable.
  const onDisk = secretFiles.filter(
    (path) => host.reader.lstat(`${subject.jail.path}${path}`) !== undefined,
  );
  const answer = await range.inside(['readable', ...secretFiles]);
  requireOutcome(answer, `in the jail (${answer.result.message})`);
  const seen = secretFiles.filter((_, at) => answer.facts.get(`file-${at}`) !== 'ENOENT');
  const found = [...new Set([...onDisk, ...seen])];
  if (found.length > 0) return broken(`the jail has ${found.join(', ')}`);
  return held(`none in the jail; outside ${control.join(', ')}`);
}

/** Who the jail knows. */
export const accountProbes: readonly Probe[] = [
  {
    id: 'leaks/accounts',
    title: "finds other accounts than the jail's own in its passwd and group",
    severity: 'low',
    layer: 'the tree of the jail',
    expected: 'only users of the jail',
    control: 'outside the jail /etc/passwd names others',
    gain: 'names to guess passwords for, and who else is on the machine',
    remedy:
      'take them out of etc/passwd and etc/group in the jail; in its own jails jailctl apply does',
    attempt: foreignAccounts,
  },
  {
    id: 'leaks/password-hashes',
    title: 'finds hashes of passwords: shadow, gshadow, and copies of them',
    severity: 'high',
    layer: 'the tree of the jail',
    expected: 'ENOENT',
    control: 'outside the jail root reads /etc/shadow',
    gain: 'passwords of the host, by trying at leisure',
    remedy: 'remove these files from the jail; nothing in it needs them',
    attempt: passwordHashes,
  },
];
