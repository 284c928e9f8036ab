import type { Change } from '../../model/change.ts';
import {
  isDoomed,
  jailScratch,
  jailTemporary,
  markerFile,
  parentOf,
  privateDirectory,
  registerDirectory,
  stagingDirectory,
  stateTemporary,
} from '../../model/host-paths.ts';
import type { JailUser } from '../../model/settings.ts';
import type { Step } from '../../model/step.ts';
import { makeRootOnly, mendRootOnly, removeXattrs } from '../root-only.ts';
import { markerReasons } from './diff.ts';
import { defaultAcl } from './faults.ts';
import { writeMarker } from './marker.ts';
import type { JailState } from './state.ts';

/**
 * Its time is the jail's seal. That is older than the plan: a run that is cut has not compared what
 * was altered before it.
 */
function writeMarkerStep(jail: JailState, root: string): Step {
  if (jail.settings === undefined) throw new Error(`jail ${jail.name} has no settings to write`);
  return {
    op: 'writeFile',
    to: { path: markerFile(root), temporary: jailTemporary(root) },
    base64: Buffer.from(writeMarker(jail.settings)).toString('base64'),
    mode: 0o600,
    keepsTime: true,
  };
}

function register(jail: JailState): Step {
  const to = { path: `${registerDirectory}/${jail.name}`, temporary: stateTemporary };
  return { op: 'makeSymlink', to, target: jail.path };
}

/** What an interrupted run left lies in root-only directories, and is removed by way of them. */
function removeLeftovers(jail: JailState): readonly Step[] {
  const byScratch = Map.groupBy(jail.leftovers, parentOf);
  return [...byScratch].map(([scratch, paths]) => ({
    op: 'removeTrees',
    // What a removal was about to remove: the next one there begins with it.
    paths: paths.filter((path) => !isDoomed(path.slice(scratch.length + 1))),
    scratch,
  }));
}

/**
 * The directory gets its marker before it gets its name: there is no instant at which a directory
 * of jailctl's stands there unmarked.
 */
function claim(jail: JailState, inheritsAcl: boolean): readonly Step[] {
  const staging = stagingDirectory(jail.path);
  const root = `${staging}/new`;
  return [
    makeRootOnly(staging),
    // What is made in it from now on inherits nothing.
    ...(inheritsAcl ? removeXattrs(staging, [defaultAcl]) : []),
    makeRootOnly(root),
    makeRootOnly(privateDirectory(root)),
    makeRootOnly(jailScratch(root)),
    writeMarkerStep(jail, root),
    { op: 'rename', from: root, to: jail.path },
    { op: 'removeEmptyDirectory', path: staging },
  ];
}

/**
 * The marker of a directory that stands there comes into it by one rename, whole: a jail is
 * somebody else's, or it is jailctl's and its marker names its users.
 */
function adopt(jail: JailState, inheritsAcl: boolean): readonly Step[] {
  const staging = stagingDirectory(jail.path);
  const root = `${staging}/new`;
  return [
    makeRootOnly(staging),
    ...(inheritsAcl ? removeXattrs(staging, [defaultAcl]) : []),
    makeRootOnly(root),
    makeRootOnly(privateDirectory(root)),
    makeRootOnly(jailScratch(root)),
    writeMarkerStep(jail, root),
    { op: 'rename', from: privateDirectory(root), to: privateDirectory(jail.path) },
    { op: 'removeEmptyDirectory', path: root },
    { op: 'removeEmptyDirectory', path: staging },
  ];
}

function clean(jail: JailState): readonly Step[] {
  const staging = stagingDirectory(jail.path);
  return [
    ...removeLeftovers(jail),
    ...(jail.staging ? [{ op: 'removeEmptyDirectory', path: staging } as const] : []),
  ];
}

/** The marker names the users whose runs have to end, so this comes before it changes or goes. */
function endRuns(users: readonly JailUser[]): readonly Step[] {
  return users.length === 0 ? [] : [{ op: 'endRuns', users }];
}

/** Users of the jail as it was that it has no more: their accounts are gone by now. */
function usersThatLeave(before: JailState, after: JailState): readonly JailUser[] {
  const stay = new Set(after.settings?.users.map(({ name, uid }) => `${name} ${uid}`));
  return (before.settings?.users ?? []).filter(({ name, uid }) => !stay.has(`${name} ${uid}`));
}

function rewriteMarker(before: JailState, after: JailState): readonly Step[] {
  return markerReasons(after, before).length > 0 ? [writeMarkerStep(after, after.path)] : [];
}

function take(jail: JailState, inheritsAcl: boolean): readonly Step[] {
  return jail.adopts === true ? adopt(jail, inheritsAcl) : claim(jail, inheritsAcl);
}

function update(before: JailState, after: JailState): readonly Step[] {
  return [
    ...(before.registered ? [] : [register(after)]),
    ...(before.faults ?? []).flatMap(mendRootOnly),
    ...clean(before),
    ...endRuns(usersThatLeave(before, after)),
    ...(before.claimed ? rewriteMarker(before, after) : take(after, before.inheritsAcl === true)),
  ];
}

/**
 * What tenants have filled the disk with goes first, by way of the jail's own directory: there may
 * be no room, or no inode, for the one beside it.
 */
function removeHomes({ homes, faults, path }: JailState): readonly Step[] {
  if (homes === undefined || faults?.length !== 0) return [];
  return [{ op: 'removeTrees', paths: [homes], scratch: jailScratch(path) }];
}

function remove(jail: JailState): readonly Step[] {
  const staging = stagingDirectory(jail.path);
  const tree: readonly Step[] = [
    makeRootOnly(staging),
    { op: 'removeTrees', paths: [jail.path], scratch: staging },
    { op: 'removeEmptyDirectory', path: staging },
  ];
  return [
    ...clean(jail),
    ...endRuns(jail.settings?.users ?? []),
    ...removeHomes(jail),
    ...(jail.claimed ? tree : []),
    // Last: as long as the entry is there, an interrupted removal is found and goes on.
    ...(jail.registered
      ? [{ op: 'removeFile', path: `${registerDirectory}/${jail.name}` } as const]
      : []),
  ];
}

function stepsOf(change: Change<JailState>): readonly Step[] {
  switch (change.action) {
    case 'create':
      return [register(change.after), ...claim(change.after, change.after.inheritsAcl === true)];
    case 'update':
      return update(change.before, change.after);
    case 'delete':
      return remove(change.before);
  }
}

export function jailSteps(changes: readonly Change<JailState>[]): readonly Step[] {
  return changes.flatMap(stepsOf);
}
