import type { Address } from '../../model/address.ts';
import type { Change, Conflict } from '../../model/change.ts';
import { bootScript, bootServices, parentOf, stateTemporary } from '../../model/host-paths.ts';
import { octal } from '../../model/numbers.ts';
import { ownHeader } from '../../model/own-header.ts';
import type { Reader } from '../../model/reader.ts';
import type { Step } from '../../model/step.ts';
import { diffResources } from '../diff.ts';
import type { Kind, Observed } from '../kind.ts';
import { likelyOwner } from '../likely-owner.ts';
import { type BootPart, scriptAddress, serviceAddress, startAddress } from './state.ts';

/** Where each part can be, and what it is written under before it gets its name. */
const places = [
  { address: scriptAddress, path: bootScript, temporary: stateTemporary },
  ...Object.values(bootServices).flatMap(({ service, start, temporary }) => [
    { address: serviceAddress, path: service, temporary },
    { address: startAddress, path: start, temporary },
  ]),
];

const { sysv } = bootServices;

const targets: ReadonlyMap<string, string> = new Map(
  Object.values(bootServices).map(({ start, target }) => [start, target]),
);

/** What startpar(1) starts: with it, a link alone starts nothing. Absent where links are all. */
const sysvOrder = '/etc/init.d/.depend.boot';

/** The link of System V init, by whatever number; with a `K` in its name it starts nothing. */
function sysvLink(reader: Reader): BootPart | undefined {
  const directory = parentOf(sysv.start);
  const names = reader.list(directory) ?? [];
  const name = names.find((one) => /^[SK]\d\djailctl-rules$/.test(one));
  const order = reader.readText(sysvOrder) ?? '';
  const isIgnored = order !== '' && !/^TARGETS =.* jailctl-rules(?: |$)/m.test(order);
  if (name === undefined || (name.startsWith('S') && isIgnored)) return undefined;
  const path = name.startsWith('S') ? sysv.start : `${directory}/${name}`;
  return { type: 'link', path, target: sysv.target };
}

/** What stands at a path, if it is jailctl's. */
function partAt(reader: Reader, path: string): BootPart | undefined {
  if (path === sysv.start) return sysvLink(reader);
  const stat = reader.lstat(path);
  if (stat?.type === 'symlink') {
    const target = reader.readLink(path);
    return target === targets.get(path) ? { type: 'link', path, target } : undefined;
  }
  const text = stat?.type === 'file' ? reader.readText(path) : undefined;
  if (stat === undefined || text?.split('\n').includes(ownHeader) !== true) return undefined;
  return { type: 'file', path, text, mode: stat.mode, uid: stat.uid, gid: stat.gid };
}

function conflictAt(reader: Reader, address: Address, path: string): readonly Conflict[] {
  const stat = reader.lstat(path);
  const directory = parentOf(path);
  const above = reader.lstat(directory);
  // jailctl makes that of its own itself, and the one for links is made with the first link.
  const mayBeMissing = path === bootScript || address === startAddress;
  if (above === undefined ? !mayBeMissing : above.type !== 'directory') {
    const message = `${directory} is no directory, so nothing can be started at boot from there`;
    return [{ address, message, waysOut: [`make it: mkdir ${directory}`] }];
  }
  if (stat === undefined) return [];
  const owner = likelyOwner(reader, path, stat);
  return [
    {
      address,
      message: `${path} is in the way: a ${stat.type} that jailctl did not write (${owner})`,
      waysOut: [
        stat.type === 'symlink' && reader.readLink(path) === '/dev/null'
          ? 'unmask it: systemctl unmask jailctl-rules.service'
          : 'move it away',
      ],
    },
  ];
}

function observe(reader: Reader, desired: ReadonlyMap<Address, BootPart>): Observed<BootPart> {
  const resources = new Map<Address, BootPart>();
  const conflicts: Conflict[] = [];
  for (const { address, path } of places) {
    const part = partAt(reader, path);
    if (part !== undefined) resources.set(address, part);
    else if (desired.get(address)?.path === path) {
      conflicts.push(...conflictAt(reader, address, path));
    }
  }
  return { resources, conflicts, warnings: [] };
}

function reasonsOf(desired: BootPart, observed: BootPart): readonly string[] {
  if (desired.path !== observed.path) return [`it is ${observed.path}, wanted ${desired.path}`];
  if (desired.type !== 'file' || observed.type !== 'file') return [];
  const reasons: string[] = [];
  if (desired.text !== observed.text) reasons.push('its text differs');
  if (desired.mode !== observed.mode) {
    reasons.push(`mode ${octal(observed.mode)}, wanted ${octal(desired.mode)}`);
  }
  if (observed.uid !== 0 || observed.gid !== 0) {
    reasons.push(`owner ${observed.uid}:${observed.gid}, wanted 0:0`);
  }
  return reasons;
}

function writing(part: BootPart): readonly Step[] {
  const { path } = part;
  if (path === sysv.start) {
    // A link alone does not do: insserv(8) computes what is started, and in which order.
    return [{ op: 'run', argv: ['update-rc.d', 'jailctl-rules', 'defaults'] }];
  }
  const temporary = places.find((place) => place.path === path)?.temporary;
  if (temporary === undefined) throw new Error(`${path} is no part of the boot`);
  const to = { path, temporary };
  if (part.type === 'link') {
    const directory = parentOf(path);
    return [
      { op: 'run', argv: ['mkdir', '--parents', '--mode=755', '--', directory] },
      { op: 'makeSymlink', to, target: part.target },
    ];
  }
  const base64 = Buffer.from(part.text).toString('base64');
  return [{ op: 'writeFile', to, base64, mode: part.mode }];
}

function removing({ type, path }: BootPart): readonly Step[] {
  if (path === sysv.start) return [{ op: 'run', argv: ['update-rc.d', 'jailctl-rules', 'remove'] }];
  const file: Step = { op: 'removeFile', path };
  if (type === 'file') return [file];
  // As systemctl(1) does: the directory goes with the last link in it.
  const argv = ['rmdir', '--ignore-fail-on-non-empty', '--', parentOf(path)] as const;
  return [file, { op: 'run', argv: [...argv] }];
}

/**
 * From the script to what starts it: nothing is started that is not there. They go the other way,
 * but for the link of System V init: update-rc.d(8) removes it only when the script has gone.
 */
function steps(changes: readonly Change<BootPart>[]): readonly Step[] {
  const rank = ({ address }: Change<BootPart>) =>
    [scriptAddress, serviceAddress, startAddress].indexOf(address);
  const inOrder = [...changes].sort((a, b) => rank(a) - rank(b));
  const going = inOrder.toReversed().flatMap((change): readonly BootPart[] => {
    if (change.action === 'delete') return [change.before];
    const moved = change.action === 'update' && change.before.path !== change.after.path;
    return moved ? [change.before] : [];
  });
  const coming = inOrder.flatMap((change) =>
    change.action === 'delete' ? [] : writing(change.after),
  );
  const last = (part: BootPart) => part.path === sysv.start;
  return [
    ...going.filter((part) => !last(part)).flatMap(removing),
    ...going.filter(last).flatMap(removing),
    ...coming,
  ];
}

/**
 * What puts the fence up at boot, before the network comes up and without Node: packet rules live in
 * the kernel, and are gone when it is.
 */
export const bootKind: Kind<BootPart> = {
  observe,
  diff: (desired, observed) =>
    diffResources(desired, observed, {
      jailOf: () => undefined,
      reasonsOf,
      whyCreate: 'it is missing',
      whyDelete: () => 'no jail needs it any more',
    }),
  steps,
};
