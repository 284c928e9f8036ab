import type { Address } from '../../model/address.ts';
import { jailScratch, markerFile, parentOf, privateDirectory } from '../../model/host-paths.ts';
import { octal } from '../../model/numbers.ts';
import type { Reader } from '../../model/reader.ts';
import { directoryFault } from '../root-only.ts';
import { readXattrs } from '../xattrs.ts';
import type { JailState } from './state.ts';

/** The extended attribute that holds a default ACL: what is made in the directory gets it too. */
export const defaultAcl = 'system.posix_acl_default';

/** Nobody but root may read or write a marker. */
function markerFault(reader: Reader, path: string): string | undefined {
  const marker = markerFile(path);
  const stat = reader.lstat(marker);
  if (stat?.type !== 'file') return undefined;
  const mode = octal(stat.mode);
  if (stat.mode !== 0o600) return `${marker} has mode ${mode}, wanted 0600`;
  return stat.uid === 0 ? undefined : `${marker} belongs to UID ${stat.uid}, wanted 0`;
}

/** Extended attributes of jailctl's directories and of those that hold jails, in one call. */
function readJailXattrs(reader: Reader, jails: Iterable<JailState>) {
  const paths = [...jails].flatMap(({ path, claimed }) => [
    parentOf(path),
    ...(claimed ? [privateDirectory(path), jailScratch(path)] : []),
  ]);
  const present = [...new Set(paths)].filter((path) => reader.lstat(path)?.type === 'directory');
  return readXattrs(reader, present);
}

/** Adds to each jail what is wrong with jailctl's own paths in it, and what its place hands down. */
export function withFaults(
  reader: Reader,
  jails: ReadonlyMap<Address, JailState>,
): ReadonlyMap<Address, JailState> {
  const xattrs = readJailXattrs(reader, jails.values());
  const looked = [...jails].map(([address, jail]): [Address, JailState] => {
    const { path, claimed } = jail;
    const inheritsAcl = xattrs.get(parentOf(path))?.includes(defaultAcl) === true;
    if (!claimed) return [address, { ...jail, inheritsAcl }];
    const faults = [privateDirectory(path), jailScratch(path)].flatMap(
      (directory) => directoryFault(reader, directory, xattrs.get(directory)) ?? [],
    );
    const marker = markerFault(reader, path);
    return [address, { ...jail, inheritsAcl, faults, ...(marker && { markerFault: marker }) }];
  });
  return new Map(looked);
}
