import {
  closeSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { Failure } from '../model/failure.ts';
import type { Step } from '../model/step.ts';
import { applyAccountEdits } from './account-files.ts';
import { archiveHome } from './archive-home.ts';
import { readFlags } from './content.ts';
import { copyFile, makeDevices, makeSymlink, writeFile } from './place.ts';
import { endProcesses } from './processes.ts';
import { reloadSshd } from './reload-sshd.ts';
import { removeTrees } from './remove-trees.ts';
import { endRuns } from './run/end-runs.ts';
import { requireNative } from './run/native-programs.ts';
import { runTool } from './tool.ts';

type Attributes = { readonly mode: number; readonly uid: number; readonly gid: number };

/** By descriptor, so that a symlink put in the way is refused and not followed. */
function setAttributes(path: string, attributes: Attributes): void {
  const descriptor = openSync(path, readFlags);
  try {
    fchownSync(descriptor, attributes.uid, attributes.gid);
    fchmodSync(descriptor, attributes.mode);
  } finally {
    closeSync(descriptor);
  }
}

/** mkdir(2) with mode 0700, then owner and mode: a directory is never open before it is right. */
function makeDirectory(path: string, attributes: Attributes): void {
  mkdirSync(path, 0o700);
  setAttributes(path, attributes);
}

/**
 * Runs a tool. Those that read their work from stdin complain of a line by its number only.
 * @throws Failure with what the tool wrote to stderr, and that line
 */
async function runStep({ argv, stdin, hint }: Extract<Step, { op: 'run' }>): Promise<void> {
  try {
    await runTool(argv, stdin);
  } catch (error) {
    if (!(error instanceof Failure) || hint === undefined) throw error;
    const number = Number(/\bline (\d+)/.exec(error.message)?.[1]);
    const line = stdin?.split('\n')[number - 1];
    const message = line === undefined ? error.message : `${error.message} (${line})`;
    throw new Failure(message, { hint, cause: error.cause });
  }
}

function unreachable(step: never): never {
  throw new Error(`no such step: ${JSON.stringify(step)}`);
}

/**
 * Carries out one step of a plan on the real host. It decides nothing.
 * @param packageRoot where jailctl itself is installed
 * @throws Error of the system call, or Failure of the tool, that did not work
 */
export async function execute(step: Step, packageRoot: string): Promise<void> {
  switch (step.op) {
    case 'makeDirectory':
      return makeDirectory(step.path, step);
    case 'copyFile':
      return copyFile(step);
    case 'writeFile':
      return writeFile(step);
    case 'makeSymlink':
      return makeSymlink(step);
    case 'makeDevices':
      return makeDevices(step);
    case 'setAttributes':
      return setAttributes(step.path, step);
    case 'setModifiedTime':
      return utimesSync(step.path, step.mtimeMs / 1000, step.mtimeMs / 1000);
    case 'rename':
      return renameSync(step.from, step.to);
    case 'removeTemporary':
      return rmSync(step.path, { force: true });
    case 'removeFile':
      return unlinkSync(step.path);
    case 'removeEmptyDirectory':
      return rmdirSync(step.path);
    case 'removeTrees':
      return removeTrees(step.paths, step.scratch);
    case 'archiveHome':
      return archiveHome(step.path, step.directory, step.name);
    case 'editAccounts':
      return applyAccountEdits(step.edits);
    case 'endProcesses':
      return endProcesses(requireNative(packageRoot, 'jailctl-sweep'), step.uids);
    case 'endRuns':
      return endRuns(step.users, packageRoot);
    case 'reloadSshd':
      return reloadSshd(step);
    case 'run':
      return runStep(step);
    default:
      return unreachable(step);
  }
}
