import { readRegister } from '../../../kinds/jail/observe.ts';
import { outcomeText, requireOutcome } from '../../attempt.ts';
import {
  type AuditItem,
  type AuditName,
  auditJudges,
  itemText,
  notShared,
  openWays,
  parseAudit,
} from '../../audit.ts';
import type { Probe } from '../../probe.ts';
import type { Range, VerifyHost } from '../../range.ts';
import { broken, type Finding, held, noControl } from '../../verdict.ts';
import { roomOutside } from '../common.ts';

const shownMax = 5;

interface Audited {
  readonly items: readonly AuditItem[];
  readonly entries: string;
  readonly isCut: boolean;
}

async function auditOf(host: VerifyHost, root: string): Promise<Audited> {
  const answer = await host.outside(['audit', root]);
  requireOutcome(answer, `at the audit of ${root}`);
  return {
    items: parseAudit(answer.output, root),
    entries: `${answer.facts.get('entries')} entries of the jail${
      answer.facts.has('homes-cut') ? ', but not all of its homes' : ''
    }`,
    isCut: answer.outcome !== 'done',
  };
}

/** All audits judge one walk of a tree, which may be long; each verification makes its own. */
const audited = new WeakMap<VerifyHost, Map<string, Promise<Audited>>>();

function auditOfJail({ host, subject }: Range): Promise<Audited> {
  const { path } = subject.jail;
  const ofHost = audited.get(host) ?? new Map<string, Promise<Audited>>();
  const audit = ofHost.get(path) ?? auditOf(host, path);
  audited.set(host, ofHost.set(path, audit));
  return audit;
}

const planted = new WeakMap<VerifyHost, Promise<readonly AuditItem[]>>();

function specimens(range: Range): Promise<readonly AuditItem[]> {
  const items = planted.get(range.host) ?? plantSpecimens(range);
  planted.set(range.host, items);
  return items;
}

/** A tree of this host with one of everything, and its audit. */
async function plantSpecimens(range: Range): Promise<readonly AuditItem[]> {
  const { host, user } = range;
  const root = await roomOutside(range, 0);
  const { path } = host.canary();
  const answer = await host.outside(['plant-specimens', root, String(user.uid), path]);
  if (answer.outcome !== 'done') throw new Error(`no specimens: ${outcomeText(answer)}`);
  return (await auditOf(host, root)).items;
}

interface AuditProbe extends Pick<Probe, 'id' | 'title' | 'severity' | 'gain' | 'remedy'> {
  readonly judge: AuditName;
  /** What of the specimens it must find. */
  readonly finds: readonly string[];
}

/** What else jailctl has made on this host: with a foreign jail, none of it shares anything. */
function otherJails({ host, subject }: Range): readonly string[] {
  if (subject.isForeign) return [];
  const jails = [...readRegister(host.reader).values()].filter(({ claimed }) => claimed);
  return jails.map(({ path }) => path).filter((path) => path !== subject.jail.path);
}

async function attempt(range: Range, { judge, finds }: AuditProbe): Promise<Finding> {
  const judged = (items: readonly AuditItem[]) => {
    const found = auditJudges[judge](items);
    return judge === 'hardLinks' ? notShared(range.host.reader, found, otherJails(range)) : found;
  };
  const found = new Set(judged(await specimens(range)).map(({ path }) => path));
  const missed = finds.filter((name) => !found.has(name));
  if (missed.length > 0) return noControl(`what was planted is not found: ${missed.join(', ')}`);
  const { items, entries, isCut } = await auditOfJail(range);
  const bad = judged(items);
  if (bad.length > 0) {
    const names = bad.slice(0, shownMax).map(itemText);
    const more = bad.length > shownMax ? ` and ${bad.length - shownMax} more` : '';
    return broken(`${names.join(', ')}${more}`);
  }
  if (isCut) return noControl(`the tree is too large or too deep: ${entries} were seen`);
  return held(`none among ${entries}; what was planted elsewhere is found`);
}

const audits: readonly AuditProbe[] = [
  {
    judge: 'setuid',
    id: 'files/audit-setuid',
    title: 'looks for files with a setuid or setgid bit in the jail',
    severity: 'high',
    gain: "the rights of the owner, root's most often, with any mistake in the program",
    remedy:
      'chmod u-s,g-s what is named; a copy into a jail must not keep these bits (jk_cp -k does)',
    finds: ['/setuid', '/setgid'],
  },
  {
    judge: 'capabilities',
    id: 'files/audit-capabilities',
    title: 'looks for files with capabilities in the jail',
    severity: 'high',
    gain: "a part of root's rights, with any mistake in the program",
    remedy: 'setcap -r what is named',
    finds: ['/capability'],
  },
  {
    judge: 'devices',
    id: 'files/audit-devices',
    title: 'looks for device nodes beyond null, zero, full, random, urandom and tty',
    severity: 'high',
    gain: 'the device: a disk, the memory, terminals of others',
    remedy: 'rm what is named',
    finds: ['/device'],
  },
  {
    judge: 'hardLinks',
    id: 'files/audit-hard-links',
    title: 'looks for files with a name outside of the jail, but for those that jails share',
    severity: 'medium',
    gain: 'a file of the host: who can change it inside changes it outside, and the other way round',
    remedy:
      'put a copy in its place: cp -p FILE FILE.new && mv FILE.new FILE; in a home, as its owner, who could lead root astray by a symlink',
    finds: ['/hard-link'],
  },
  {
    judge: 'writable',
    id: 'files/audit-writable',
    title: 'looks for what others than root can change, but for homes and /tmp',
    severity: 'high',
    gain: 'programs and libraries that other users of the jail, or root, run next',
    remedy: 'chown root:root and chmod go-w what is named',
    finds: ['/writable', '/writable-directory', '/owned'],
  },
  {
    judge: 'acls',
    id: 'files/audit-acls',
    title: 'looks for access control lists, which give rights that modes do not show',
    severity: 'medium',
    gain: 'whatever the list gives: modes look right, and are not all',
    remedy: 'setfacl --remove-all --remove-default what is named',
    finds: ['/acl'],
  },
  {
    judge: 'specials',
    id: 'files/audit-specials',
    title: 'looks for sockets and FIFOs in the jail, but for homes',
    severity: 'medium',
    gain: 'a way to talk to whoever holds the other end: a service of the host',
    remedy: 'rm what is named; a service for a jail is better reached over its network rules',
    finds: ['/fifo', '/socket'],
  },
];

function auditProbe(probe: AuditProbe): Probe {
  const { judge: _judge, finds: _finds, ...texts } = probe;
  return {
    ...texts,
    layer: 'the tree as it was made',
    expected: 'none',
    control: 'the same audit finds one that is planted in a tree outside',
    attempt: (range) => attempt(range, probe),
  };
}

/** Made on the way of homes, so it has a tree of its own. */
const openHomes: Probe = {
  id: 'files/audit-homes',
  title: 'looks for homes in the jail that others than their owners can enter',
  severity: 'high',
  layer: 'the tree as it was made',
  expected: 'mode 0700',
  control: 'the same audit finds an open home in a tree outside',
  gain: 'the files of every other user of the jail',
  remedy: 'chmod 700 what is named; setfacl --remove-all takes lists away',
  attempt: async (range) => {
    const root = await roomOutside(range, 0);
    const { uid } = range.user;
    const make = (path: string, owner: number) =>
      range.host.execute({ op: 'makeDirectory', path, mode: 0o755, uid: owner, gid: owner });
    await make(`${root}/home`, 0);
    await make(`${root}/home/open`, uid);
    if (auditJudges.openHomes((await auditOf(range.host, root)).items).length !== 1) {
      return noControl('an open home that was made for it is not found');
    }
    const { items } = await auditOfJail(range);
    const bad = auditJudges.openHomes(items);
    if (bad.length > 0) return broken(bad.slice(0, shownMax).map(itemText).join(', '));
    return held('all are closed; an open one elsewhere is found');
  },
};

const jailRoot: Probe = {
  id: 'files/jail-root',
  title: "looks whether others than root can change the jail's root, or a directory above it",
  severity: 'critical',
  layer: 'the tree as it was made',
  expected: "all are root's, and writable for nobody else",
  control: 'a directory outside that is open to others is seen to be',
  gain: 'another tree in the place of the jail, which root then prepares and enters',
  remedy: 'chown root and chmod go-w the directories that are named',
  attempt: async (range) => {
    const { uid } = range.user;
    const room = await roomOutside(range, 0, 0o777);
    const made = await range.host.outside(['plant', 'directory', `${room}/inside`], { as: uid });
    if (made.outcome !== 'done' || openWays(range.host.reader, `${room}/inside`).length !== 2) {
      return noControl('a directory that is open to others is not seen to be');
    }
    const open = openWays(range.host.reader, range.subject.jail.path);
    if (open.length > 0) return broken(open.join(', '));
    return held(`${range.subject.jail.path} and all above it`);
  },
};

export const auditProbes: readonly Probe[] = [...audits.map(auditProbe), openHomes, jailRoot];
