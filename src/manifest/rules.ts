import { engineNames } from '../model/settings.ts';
import type { Draft, DraftJail } from './draft.ts';
import type { Findings, Part } from './findings.ts';
import { member } from './manifest-tree.ts';
import { nameCollisions } from './names.ts';
import { ancestors, closedPathProblem, systemPathProblem } from './paths.ts';
import { allowedUids, uidCount } from './uids.ts';

/** A jail's directory, and where the manifest says so. */
interface JailPath {
  readonly jail: DraftJail;
  readonly path: string;
  readonly pointer: string;
  readonly part: Part;
}

/** Reports what is wrong between values that are right by themselves. */
export function checkRules(draft: Draft, findings: Findings): void {
  checkNames(draft.jails, findings);
  checkPaths(draft, findings);
  checkPool(draft, findings);
  checkEngines(draft, findings);
  checkLogins(draft, findings);
}

/** A jail's directory; undefined where the manifest says nothing usable about it. */
export function jailPath(draft: Draft, jail: DraftJail): string | undefined {
  if (jail.path !== undefined) return jail.path.value;
  if (draft.root === undefined || !jail.hasGoodName) return undefined;
  return draft.root === '/' ? `/${jail.name}` : `${draft.root}/${jail.name}`;
}

function checkNames(jails: readonly DraftJail[], findings: Findings): void {
  const named = jails.flatMap(({ name, pointer, users, hasGoodName }) =>
    hasGoodName && users !== undefined ? [{ name, pointer, users }] : [],
  );
  for (const { jail, other, sharedUser } of nameCollisions(named)) {
    const line = findings.at(other.pointer, 'key').line;
    const both = sharedUser === undefined ? '' : `, and both would have a user ${sharedUser}`;
    findings.report(jail.pointer, 'key', {
      code: 'name-collision',
      message: `jail "${jail.name}" has the name of a user of jail "${other.name}" in line ${line}${both}`,
      hint: 'rename one of the jails, so that its name does not end with a number',
    });
  }
}

function checkPaths(draft: Draft, findings: Findings): void {
  const rootProblem = draft.root === undefined ? undefined : closedPathProblem('root', draft.root);
  if (rootProblem !== undefined) findings.report('/root', 'value', rootProblem);
  const usable = rootProblem === undefined ? draft : { ...draft, root: undefined };
  const jailPaths = usable.jails.flatMap((jail) => locatedPath(usable, jail, findings));
  checkOverlaps(jailPaths, findings);
}

/** A jail's path, unless it is a directory of the system, which is reported. */
function locatedPath(draft: Draft, jail: DraftJail, findings: Findings): readonly JailPath[] {
  const path = jailPath(draft, jail);
  if (path === undefined) return [];
  const isNamed = jail.path !== undefined;
  const pointer = isNamed ? member(jail.pointer, 'path') : jail.pointer;
  const part = isNamed ? 'value' : 'key';
  const what = isNamed ? 'path' : `the directory of jail "${jail.name}"`;
  const problem = systemPathProblem(what, path);
  if (problem === undefined) return [{ jail, path, pointer, part }];
  const hint = isNamed
    ? problem.hint
    : 'give the jail another name or a `path`, or set `root` to a place such as /srv/jails';
  findings.report(pointer, part, { ...problem, ...(hint !== undefined && { hint }) });
  return [];
}

function checkOverlaps(jailPaths: readonly JailPath[], findings: Findings): void {
  const inFileOrder = [...jailPaths].sort((a, b) => lineOf(a, findings) - lineOf(b, findings));
  const byPath = new Map<string, JailPath>();
  for (const jailPath of inFileOrder) {
    const other = byPath.get(jailPath.path);
    if (other === undefined) byPath.set(jailPath.path, jailPath);
    else reportOverlap('path-repeated', `${jailPath.path}, which is`, jailPath, other, findings);
  }
  for (const inner of byPath.values()) {
    const outerPath = ancestors(inner.path).find((ancestor) => byPath.has(ancestor));
    const outer = outerPath === undefined ? undefined : byPath.get(outerPath);
    if (outer === undefined) continue;
    reportOverlap('path-nested', `${inner.path}, inside`, inner, outer, findings);
  }
}

function reportOverlap(
  code: string,
  place: string,
  jailPath: JailPath,
  other: JailPath,
  findings: Findings,
): void {
  const line = findings.at(other.jail.pointer, 'key').line;
  findings.report(jailPath.pointer, jailPath.part, {
    code,
    message: `jail "${jailPath.jail.name}" would live in ${place} the directory of jail "${other.jail.name}" in line ${line}`,
    hint: 'give each jail a directory of its own, next to the others',
  });
}

function lineOf({ jail }: JailPath, findings: Findings): number {
  return findings.at(jail.pointer, 'key').line;
}

function checkPool({ uids, jails }: Draft, findings: Findings): void {
  if (uids === undefined) return;
  const wanted = jails.reduce((sum, jail) => sum + (jail.users ?? 0), 0);
  const count = uidCount(uids);
  if (wanted <= count) return;
  const lastNeeded = uids.first + wanted - 1;
  findings.report('/uids', 'value', {
    code: 'uids-exhausted',
    message: `the jails have ${wanted} users, and uids ${uids.first}-${uids.last} are only ${count}`,
    hint:
      lastNeeded <= allowedUids.last
        ? `write uids: ${uids.first}-${lastNeeded}, or more`
        : `fewer users, or a range that starts earlier: ids from ${allowedUids.first} to ${allowedUids.last} can be used`,
  });
}

/** A setting as it is written, and where. */
interface Setting {
  readonly text: string;
  readonly pointer: string;
}

/** chroot(1) mounts nothing, so it can give a run neither an empty home nor a /tmp. */
function checkEngines({ defaults, jails }: Draft, findings: Findings): void {
  for (const jail of jails) {
    if ((jail.engine ?? defaults.engine) !== 'chroot') continue;
    const holder = (own: unknown) => (own === undefined ? '/defaults' : jail.pointer);
    const engine = { text: 'engine: chroot', pointer: member(holder(jail.engine), 'engine') };
    if ((jail.home ?? defaults.home) === 'fresh') {
      const home = { text: 'home: fresh', pointer: member(holder(jail.home), 'home') };
      // What the jail says itself is more likely the mistake than what holds for all.
      const isAtEngine = jail.home === undefined && jail.engine !== undefined;
      const [here, there] = isAtEngine ? [engine, home] : [home, engine];
      reportContradiction(here, there, 'write home: keep', findings);
    }
    // In `defaults` it is meant for jails with other engines.
    if (jail.limits.tmpSizeBytes !== undefined) {
      const pointer = member(member(jail.pointer, 'limits'), 'tmp_size');
      reportContradiction({ text: 'tmp_size', pointer }, engine, 'leave tmp_size out', findings);
    }
  }
}

function reportContradiction(
  here: Setting,
  there: Setting,
  remedy: string,
  findings: Findings,
): void {
  const line = findings.at(there.pointer, 'key').line;
  const others = engineNames.filter((name) => name !== 'chroot').join(', ');
  findings.report(here.pointer, 'key', {
    code: 'contradiction',
    message: `${here.text} contradicts ${there.text} in line ${line}: chroot mounts no home and no /tmp`,
    hint: `${remedy}, or choose another engine: ${others}`,
  });
}

/** Of a login: sshd itself has one process as the user, and the shell is another. */
const loginProcessesMin = 2;

function checkLogins({ defaults, jails }: Draft, findings: Findings): void {
  for (const jail of jails) {
    const keysPointer = member(jail.pointer, 'authorized_keys');
    if ((jail.login ?? defaults.login ?? 'none') === 'none') {
      if (jail.authorizedKeys === undefined) continue;
      findings.report(keysPointer, 'key', {
        code: 'contradiction',
        message: `jail "${jail.name}" has authorized_keys, and no logins`,
        hint: 'add login: chroot, or leave the keys out',
      });
      continue;
    }
    const holder = jail.login === undefined ? '/defaults' : jail.pointer;
    const login = member(holder, 'login');
    if ((jail.authorizedKeys ?? defaults.authorizedKeys) === undefined) {
      findings.report(login, 'key', {
        code: 'missing-key',
        message: `jail "${jail.name}" has login: chroot and no authorized_keys: nobody could log in`,
        hint: 'add authorized_keys: ["ssh-ed25519 AAAA… name"]',
      });
    }
    const processes = jail.limits.processes ?? defaults.limits.processes;
    if (processes === undefined || processes >= loginProcessesMin) continue;
    const limitsOf = jail.limits.processes === undefined ? '/defaults' : jail.pointer;
    findings.report(member(member(limitsOf, 'limits'), 'processes'), 'value', {
      code: 'contradiction',
      message: `processes: ${processes} lets nobody log in to jail "${jail.name}": a login is a process of sshd and a shell`,
      hint: `write at least ${loginProcessesMin}, and one more for each program at once`,
    });
  }
}
