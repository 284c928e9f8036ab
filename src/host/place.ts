import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from '../model/failure.ts';
import type { Placement, Step } from '../model/step.ts';
import { readFlags } from './content.ts';
import { isErrno } from './errno.ts';
import { runToolForEach } from './tool.ts';

type StepOf<Op extends Step['op']> = Extract<Step, { op: Op }>;

/** To ask takes a fifth of the time that removing nothing takes, and it is asked for every file. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

/** What a killed run left under the temporary name goes first. */
function freshName(to: Placement): string {
  if (isThere(to.temporary)) rmSync(to.temporary);
  return to.temporary;
}

/** Ownership and mode are set before the name appears, so that nobody sees the file half made. */
function putInPlace(from: string, to: Placement, mode: number): void {
  chownSync(from, 0, 0);
  chmodSync(from, mode);
  renameSync(from, to.path);
}

/**
 * Is this the file that was planned, and unchanged? Whoever owns a directory on the way to a tool
 * could put a link to a secret in its place between the plan and now. Size and time can be
 * imitated, the ctime of a file that is somebody else's can't.
 */
function isAsPlanned(source: Stats, step: StepOf<'copyFile'>): boolean {
  return (
    source.isFile() &&
    (source.mode & 0o004) !== 0 &&
    source.size === step.sizeBytes &&
    Math.floor(source.mtimeMs / 1000) === step.mtimeSeconds &&
    source.ctimeMs === step.ctimeMs
  );
}

function isSame(a: Stats, b: Stats): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

function contentOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** Answers of a file system without reflinks, or without one between these files: ioctl_ficlone(2). */
const reflinkRefusals = ['ENOTSUP', 'EXDEV', 'ENOTTY', 'ENOSYS'];

/** What has refused once is not asked for the next thousand files: a device, and where to. */
const withoutReflinks = new Set<string>();

/** Makes a new file that shares the blocks of another one until either is written to. */
function reflink(from: number, device: number, fresh: string): boolean {
  const pair = `${device} ${dirname(fresh)}`;
  if (withoutReflinks.has(pair)) return false;
  const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = constants;
  try {
    copyFileSync(contentOf(from), fresh, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE);
    return true;
  } catch (error) {
    if (isErrno(error, ...reflinkRefusals)) withoutReflinks.add(pair);
    rmSync(fresh, { force: true });
    return false;
  }
}

/** Is it what the step would make? The plan was made some time ago. */
function isTwin(found: Stats, { mode, sizeBytes, mtimeSeconds }: StepOf<'copyFile'>): boolean {
  return (
    found.isFile() &&
    found.uid === 0 &&
    found.gid === 0 &&
    (found.mode & 0o7777) === mode &&
    found.size === sizeBytes &&
    Math.floor(found.mtimeMs / 1000) === mtimeSeconds
  );
}

/** With these, a twin is none: it went, has as many names as it can have, lies elsewhere, is fixed. */
const linkRefusals = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EMLINK', 'EXDEV', 'EPERM', 'ENOTSUP'];

/** How a new file came about. A link brings owner, mode and time along. */
type Made = 'copy' | 'link';

/** @returns undefined when the twin is not to be had, and nothing was made */
function fromTwin(step: StepOf<'copyFile'>, source: Stats, fresh: string): Made | undefined {
  if (step.twin === undefined) return undefined;
  let twin: number | undefined;
  try {
    twin = openSync(step.twin, readFlags);
    const stats = fstatSync(twin);
    // A jail that was made by other tools may have hard links of the host's own files.
    if (!isTwin(stats, step) || isSame(stats, source)) return undefined;
    if (reflink(twin, stats.dev, fresh)) return 'copy';
    linkSync(step.twin, fresh);
    // A path can lead elsewhere by now, and link(2) takes no descriptor.
    if (isSame(lstatSync(fresh), stats)) return 'link';
    rmSync(fresh);
    return undefined;
  } catch (error) {
    if (isErrno(error, ...linkRefusals)) return undefined;
    throw error;
  } finally {
    if (twin !== undefined) closeSync(twin);
  }
}

/** @param source open, with its stats */
function makeCopy(step: StepOf<'copyFile'>, source: number, stats: Stats, fresh: string): Made {
  if (reflink(source, stats.dev, fresh)) return 'copy';
  const made = fromTwin(step, stats, fresh);
  if (made !== undefined) return made;
  copyFileSync(contentOf(source), fresh, constants.COPYFILE_EXCL);
  return 'copy';
}

/** rename(2) does nothing where both names are the same file's: then the new one is too many. */
function renameLink(fresh: string, path: string): void {
  renameSync(fresh, path);
  if (isThere(fresh)) rmSync(fresh);
}

/**
 * Copies content only: no xattr, capability or ACL comes along (fs.copyFile carries none). What is
 * looked at and what is copied is the same open file. The copy has its mode, setuid bit included,
 * for an instant; it lies in a directory that only root can enter. A file of the host gets no
 * second name: whoever changed it in a jail would change it on the host.
 * @throws Failure when the source is not what was planned
 */
export function copyFile(step: StepOf<'copyFile'>): void {
  const fresh = freshName(step.to);
  const source = openSync(step.from, readFlags);
  const check = () => {
    const stats = fstatSync(source);
    if (isAsPlanned(stats, step)) return stats;
    throw new Failure(`${step.from} changed since the plan was made`, {
      hint: 'run the command again',
    });
  };
  let made: Made;
  try {
    made = makeCopy(step, source, check(), fresh);
    // It may have been written to while it was copied.
    check();
  } finally {
    closeSync(source);
  }
  if (made === 'link') {
    renameLink(fresh, step.to.path);
    return;
  }
  utimesSync(fresh, step.mtimeSeconds, step.mtimeSeconds);
  putInPlace(fresh, step.to, step.mode);
}

export function writeFile(step: StepOf<'writeFile'>): void {
  const { expected } = step;
  if (expected !== undefined && readFileSync(step.to.path, 'base64') !== expected) {
    throw new Failure(`${step.to.path} changed since the plan was made`, {
      hint: 'run the command again',
    });
  }
  const fresh = freshName(step.to);
  writeFileSync(fresh, Buffer.from(step.base64, 'base64'), {
    flag: 'wx',
    mode: 0o600,
    flush: true,
  });
  if (step.keepsTime === true) {
    const seconds = (lstatSync(step.to.path, { throwIfNoEntry: false })?.mtimeMs ?? 0) / 1000;
    utimesSync(fresh, seconds, seconds);
  }
  putInPlace(fresh, step.to, step.mode);
}

export function makeSymlink(step: StepOf<'makeSymlink'>): void {
  const fresh = freshName(step.to);
  symlinkSync(step.target, fresh);
  renameSync(fresh, step.to.path);
}

/** Node has no mknod(2). */
export async function makeDevices({ devices }: StepOf<'makeDevices'>): Promise<void> {
  const lists = devices.map(({ to, major, minor }) => [
    freshName(to),
    'c',
    String(major),
    String(minor),
  ]);
  await runToolForEach(['mknod', '--mode=600', '--'], lists);
  for (const { to, mode } of devices) putInPlace(to.temporary, to, mode);
}
