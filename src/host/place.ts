import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { Placement, Step } from '../model/step.ts';
import { runTool } from './tool.ts';

type StepOf<Op extends Step['op']> = Extract<Step, { op: Op }>;

/** What a killed run left under the temporary name goes first. */
function freshName(to: Placement): string {
  rmSync(to.temporary, { force: true });
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

/**
 * Copies content only: no xattr, capability or ACL comes along (fs.copyFile carries none). What is
 * looked at and what is copied is the same open file. The copy has its mode, setuid bit included,
 * for an instant; it lies in a directory that only root can enter.
 * @throws Failure when the source is not what was planned
 */
export function copyFile(step: StepOf<'copyFile'>): void {
  const fresh = freshName(step.to);
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const source = openSync(step.from, flags);
  const check = () => {
    if (isAsPlanned(fstatSync(source), step)) return;
    throw new Failure(`${step.from} changed since the plan was made`, {
      hint: 'run the command again',
    });
  };
  try {
    check();
    const mode = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE;
    copyFileSync(`/proc/self/fd/${source}`, fresh, mode);
    // It may have been written to while it was copied.
    check();
  } finally {
    closeSync(source);
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
  putInPlace(fresh, step.to, step.mode);
}

export function makeSymlink(step: StepOf<'makeSymlink'>): void {
  const fresh = freshName(step.to);
  symlinkSync(step.target, fresh);
  renameSync(fresh, step.to.path);
}

/** Node has no mknod(2). */
export async function makeDevice(step: StepOf<'makeDevice'>): Promise<void> {
  const fresh = freshName(step.to);
  await runTool(['mknod', '--mode=600', '--', fresh, 'c', String(step.major), String(step.minor)]);
  putInPlace(fresh, step.to, step.mode);
}
