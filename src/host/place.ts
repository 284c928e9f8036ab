import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lstatSync,
  renameSync,
  rmSync,
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
 * Copies content only: no xattr, capability or ACL comes along (fs.copyFile carries none). The
 * copy has the source's mode, setuid bit included, for an instant; it lies in a directory that
 * only root can enter.
 * @throws Failure when the source is not what was planned
 */
export function copyFile(step: StepOf<'copyFile'>): void {
  const fresh = freshName(step.to);
  copyFileSync(step.from, fresh, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  const source = lstatSync(step.from);
  const copied = lstatSync(fresh);
  const moved =
    !source.isFile() ||
    copied.size !== step.sizeBytes ||
    source.size !== step.sizeBytes ||
    Math.floor(source.mtimeMs / 1000) !== step.mtimeSeconds;
  if (moved) {
    rmSync(fresh);
    throw new Failure(`${step.from} changed since the plan was made`, {
      hint: 'run the command again',
    });
  }
  utimesSync(fresh, step.mtimeSeconds, step.mtimeSeconds);
  putInPlace(fresh, step.to, step.mode);
}

export function writeFile(step: StepOf<'writeFile'>): void {
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
