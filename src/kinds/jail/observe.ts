import type { Address } from '../../model/address.ts';
import type { Conflict } from '../../model/change.ts';
import {
  below,
  jailScratch,
  markerFile,
  parentOf,
  privateDirectory,
  registerDirectory,
  stagingDirectory,
} from '../../model/host-paths.ts';
import type { Reader, Stat } from '../../model/reader.ts';
import type { JailSettings } from '../../model/settings.ts';
import { diskUsageOfJails } from '../disk-usage.ts';
import type { Observed } from '../kind.ts';
import { likelyOwner } from '../likely-owner.ts';
import { mountConflicts, readMountPoints } from '../mounts.ts';
import { takeOver } from '../take-over.ts';
import { untrustedAncestor } from '../untrusted.ts';
import { withFaults } from './faults.ts';
import { readMarker } from './marker.ts';
import type { JailState } from './state.ts';

export function jailAddress(name: string): Address {
  return `jail/${name}`;
}

/** Every jail that the register knows, by name: what jailctl owns on this host. */
export function readRegister(reader: Reader): ReadonlyMap<string, JailState> {
  const jails = new Map<string, JailState>();
  for (const name of reader.list(registerDirectory) ?? []) {
    const path = reader.readLink(`${registerDirectory}/${name}`);
    jails.set(name, observeJail(reader, name, path, true));
  }
  return jails;
}

/** The settings of one jail as it was applied; undefined where the register or its marker lacks it. */
export function readJailSettings(reader: Reader, name: string): JailSettings | undefined {
  const entry = `${registerDirectory}/${name}`;
  if (reader.lstat(entry)?.type !== 'symlink') return undefined;
  return observeJail(reader, name, reader.readLink(entry), true).settings;
}

/** Reads one jail, by the marker in its directory. */
export function observeJail(
  reader: Reader,
  name: string,
  path: string,
  registered: boolean,
): JailState {
  const claim = reader.lstat(privateDirectory(path));
  const claimed = claim?.type === 'directory' && claim.uid === 0;
  const marker = claimed ? reader.lstat(markerFile(path)) : undefined;
  const text = marker?.type === 'file' ? reader.readText(markerFile(path)) : undefined;
  const read = text === undefined ? undefined : readMarker(text);
  // A copy of another jail has the other one's marker.
  const settings = read?.name === name && read.path === path ? read : undefined;
  const staging = stagingDirectory(path);
  // The next marker is renamed over the old one, which a directory would not let happen.
  const own = [jailScratch(path), ...(marker?.type === 'directory' ? [] : [markerFile(path)])];
  return {
    name,
    path,
    registered,
    claimed,
    ...(settings === undefined ? {} : { settings }),
    leftovers: [staging, ...(claimed ? [jailScratch(path), privateDirectory(path)] : [])]
      .flatMap((directory) =>
        (reader.list(directory) ?? []).map((entry) => `${directory}/${entry}`),
      )
      .filter((entry) => !own.includes(entry)),
    staging: reader.lstat(staging) !== undefined,
  };
}

function homesOf(reader: Reader, path: string): Pick<JailState, 'homes'> {
  const homes = below(path, '/home');
  return reader.lstat(homes)?.type === 'directory' ? { homes } : {};
}

/** Could `import --adopt` take it over? It refuses what others than root can change. */
function isTakeable({ type, uid, mode }: Stat): boolean {
  return type === 'directory' && uid === 0 && (mode & 0o022) === 0;
}

function conflictsOf(reader: Reader, wanted: JailState, found: JailState): readonly Conflict[] {
  const conflict = (message: string, ...waysOut: string[]): Conflict => ({
    address: jailAddress(wanted.name),
    jail: wanted.name,
    message,
    waysOut,
  });
  if (found.registered && found.claimed && found.path !== wanted.path) {
    return [
      conflict(
        `jail ${wanted.name} is at ${found.path}, and the manifest says ${wanted.path}`,
        `destroy it first: jailctl destroy --jail ${wanted.name}`,
        `or keep its place: path: ${found.path}`,
      ),
    ];
  }
  const ancestor = untrustedAncestor(reader, wanted.path);
  if (ancestor !== undefined) {
    return [
      conflict(
        `the place for ${wanted.path} is not safe: ${ancestor}`,
        `make it root's alone: install -d -o root -g root -m 0755 ${parentOf(wanted.path)}`,
        'or choose another root or path in the manifest',
      ),
    ];
  }
  const stat = reader.lstat(wanted.path);
  if (stat === undefined || found.claimed || wanted.adopts === true) return [];
  return [
    conflict(
      `${wanted.path} is in the way: a ${stat.type} that jailctl did not make (${likelyOwner(reader, wanted.path, stat)})`,
      'move it away',
      'or choose another root or path in the manifest',
      ...(isTakeable(stat) ? [takeOver] : []),
    ),
  ];
}

/**
 * Reads the register and every marker that it leads to, and looks at the places where desired
 * jails will stand.
 */
export function observeJails(
  reader: Reader,
  desired: ReadonlyMap<Address, JailState>,
): Observed<JailState> {
  const register = readRegister(reader);
  const unwanted = [...register.values()].filter(
    (jail) => jail.claimed && !desired.has(jailAddress(jail.name)),
  );
  const usage = diskUsageOfJails(
    reader,
    unwanted.map((jail) => jail.path),
  );
  const mountPoints = readMountPoints(reader);
  const conflicts = unwanted.flatMap(({ name, path }) =>
    mountConflicts(mountPoints, path, { address: jailAddress(name), jail: name }),
  );
  const resources = new Map<Address, JailState>();
  for (const [name, found] of register) {
    const bytes = unwanted.includes(found) ? usage.get(found.path) : undefined;
    resources.set(
      jailAddress(name),
      bytes === undefined ? found : { ...found, bytes, ...homesOf(reader, found.path) },
    );
  }
  for (const [address, wanted] of desired) {
    const found = resources.get(address) ?? observeJail(reader, wanted.name, wanted.path, false);
    conflicts.push(...conflictsOf(reader, wanted, found));
    // The register may be lost while the marker stands: the jail is still ours.
    resources.set(address, found);
  }
  return { resources: withFaults(reader, resources), conflicts, warnings: [] };
}
