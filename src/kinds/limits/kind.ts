import type { Address } from '../../model/address.ts';
import type { Change, Conflict } from '../../model/change.ts';
import {
  accountTemporary,
  bootServices,
  loginKeysTemporary,
  loginLimitsFile,
  loginLimitsTemporary,
  poolFile,
  registerDirectory,
  sshdDropInTemporary,
  sshdDropInTried,
  stateDirectory,
  stateScratch,
  stateTemporary,
} from '../../model/host-paths.ts';
import { ownHeader } from '../../model/own-header.ts';
import type { Reader, Stat } from '../../model/reader.ts';
import type { Step } from '../../model/step.ts';
import { diffResources } from '../diff.ts';
import { oldBootTemporaries } from '../firewall/old-boot.ts';
import type { Kind, Observed } from '../kind.ts';
import { likelyOwner } from '../likely-owner.ts';
import { directoryFault, makeRootOnly, mendRootOnly } from '../root-only.ts';
import { readXattrs } from '../xattrs.ts';
import { readPool, writePool } from './pool-file.ts';
import type { HostLimits, LoginLimits, Pool } from './state.ts';

export const poolAddress: Address = 'limits/pool';
export const loginsAddress: Address = 'limits/logins';

/** In the order in which they are made. */
export const stateDirectories: readonly string[] = [
  stateDirectory,
  stateScratch,
  registerDirectory,
];

/** Files on their way into place, of all that is once a host: a killed run leaves one behind. */
const temporaries: readonly string[] = [
  stateTemporary,
  loginLimitsTemporary,
  ...Object.values(bootServices).map(({ temporary }) => temporary),
  ...oldBootTemporaries,
  sshdDropInTemporary,
  sshdDropInTried,
  loginKeysTemporary,
  ...(['passwd', 'group', 'shadow', 'gshadow'] as const).map(accountTemporary),
];

function observePool(reader: Reader): Pool | undefined {
  const directories = stateDirectories.filter((path) => reader.lstat(path) !== undefined);
  if (directories.length === 0) return undefined;
  const record = readPool(reader);
  const leftovers = temporaries.filter((path) => reader.lstat(path) !== undefined);
  const xattrs = readXattrs(reader, directories);
  const faults = directories.flatMap((path) => {
    const fault = directoryFault(reader, path, xattrs.get(path));
    // What is no directory stays: an administrator may have put it elsewhere, by a symlink.
    return fault?.found === 'directory' ? [fault] : [];
  });
  const found = { type: 'pool', directories, faults, leftovers } as const;
  return { ...found, ...(record === undefined ? {} : { record }) };
}

function foreignLogins(reader: Reader, stat: Stat): Conflict {
  const owner = likelyOwner(reader, loginLimitsFile, stat);
  return {
    address: loginsAddress,
    message: `${loginLimitsFile} is in the way: a ${stat.type} that jailctl did not write (${owner})`,
    waysOut: ['move it away'],
  };
}

function observe(reader: Reader, desired: ReadonlyMap<Address, HostLimits>): Observed<HostLimits> {
  const resources = new Map<Address, HostLimits>();
  const pool = observePool(reader);
  if (pool !== undefined) resources.set(poolAddress, pool);
  const stat = reader.lstat(loginLimitsFile);
  const text = stat?.type === 'file' ? reader.readText(loginLimitsFile) : undefined;
  const ours = text?.startsWith(ownHeader) ?? false;
  if (text !== undefined && ours) resources.set(loginsAddress, { type: 'logins', text });
  const inTheWay = stat !== undefined && !ours && desired.has(loginsAddress);
  const conflicts = inTheWay ? [foreignLogins(reader, stat)] : [];
  return { resources, conflicts, warnings: [] };
}

function reasonsOf(desired: HostLimits, observed: HostLimits): readonly string[] {
  if (desired.type === 'logins' || observed.type === 'logins') {
    const same =
      desired.type === observed.type &&
      (desired as LoginLimits).text === (observed as LoginLimits).text;
    return same ? [] : ['its text differs'];
  }
  const reasons: string[] = [];
  for (const path of desired.directories) {
    if (!observed.directories.includes(path)) reasons.push(`${path} is missing`);
  }
  for (const fault of observed.faults ?? []) reasons.push(fault.reason);
  if (observed.leftovers.length > 0) {
    reasons.push(`it has leftovers: ${observed.leftovers.join(', ')}`);
  }
  const [want, have] = [desired.record, observed.record].map((record) =>
    record === undefined
      ? 'nothing'
      : `UIDs ${record.uids.first}-${record.uids.last}, next ${record.nextUid}`,
  );
  if (want !== have) reasons.push(`it records ${have}, wanted ${want}`);
  return reasons;
}

function diff(
  desired: ReadonlyMap<Address, HostLimits>,
  observed: ReadonlyMap<Address, HostLimits>,
): readonly Change<HostLimits>[] {
  return diffResources(desired, observed, {
    jailOf: () => undefined,
    reasonsOf,
    whyCreate: 'it is missing',
    whyDelete: () => 'no jail needs it any more',
  });
}

function writeStep(path: string, temporary: string, text: string, mode: number): Step {
  const base64 = Buffer.from(text).toString('base64');
  return { op: 'writeFile', to: { path, temporary }, base64, mode };
}

function poolSteps(before: Pool | undefined, after: Pool | undefined): readonly Step[] {
  const leftovers = (before?.leftovers ?? []).map(
    (path): Step => ({ op: 'removeTemporary', path }),
  );
  if (after === undefined) {
    const directories = [...(before?.directories ?? [])].reverse();
    return [
      ...leftovers,
      ...(before?.record === undefined ? [] : [{ op: 'removeFile', path: poolFile } as const]),
      ...directories.map((path): Step => ({ op: 'removeEmptyDirectory', path })),
    ];
  }
  const missing = after.directories.filter((path) => !before?.directories.includes(path));
  return [
    ...missing.map(makeRootOnly),
    ...(before?.faults ?? []).flatMap(mendRootOnly),
    ...leftovers,
    ...(after.record === undefined
      ? []
      : [writeStep(poolFile, stateTemporary, writePool(after.record), 0o600)]),
  ];
}

function stepsOf(change: Change<HostLimits>): readonly Step[] {
  const before = change.action === 'create' ? undefined : change.before;
  const after = change.action === 'delete' ? undefined : change.after;
  if (before?.type === 'pool' || after?.type === 'pool') {
    return poolSteps(before as Pool | undefined, after as Pool | undefined);
  }
  if (after === undefined) return [{ op: 'removeFile', path: loginLimitsFile }];
  return [writeStep(loginLimitsFile, loginLimitsTemporary, after.text, 0o644)];
}

/** The state directory comes before what is written through its scratch, and goes after it. */
function steps(changes: readonly Change<HostLimits>[]): readonly Step[] {
  const rank = (change: Change<HostLimits>) =>
    (change.address === poolAddress) === (change.action !== 'delete') ? 0 : 1;
  return [...changes].sort((a, b) => rank(a) - rank(b)).flatMap(stepsOf);
}

/** What the host holds once for all jails: the pool of UIDs, and the limits of logins. */
export const limitsKind: Kind<HostLimits> = { observe, diff, steps };
