import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { editAccountText, linesByName } from '../model/account-text.ts';
import { Failure } from '../model/failure.ts';
import { accountTemporary } from '../model/host-paths.ts';
import type { AccountEdits } from '../model/step.ts';
import { type AccountLock, lockAccountFiles } from './account-lock.ts';
import { isErrno } from './errno.ts';
import { runToolForEach } from './tool.ts';

type AccountFile = keyof AccountEdits['expected'];

/**
 * The order of the renames. passwd comes last: a new user appears when its group and its locked
 * password are there, and one that goes bears jailctl's mark until all else of it is gone, so an
 * interrupted removal is recognised. An entry of passwd without its one in shadow can't log in.
 */
const renameOrder = ['gshadow', 'group', 'shadow', 'passwd'] as const;

function pathOf(file: AccountFile): string {
  return `/etc/${file}`;
}

/**
 * Bytes as characters of the same number: account files have no declared encoding, and whatever
 * bytes stand in foreign lines must come out as they went in.
 */
const asBytes = 'latin1';

function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString(asBytes);
}

/** @returns undefined where the host does not use this file */
function readFile(file: AccountFile): string | undefined {
  try {
    return readFileSync(pathOf(file), asBytes);
  } catch (error) {
    const optional = file === 'shadow' || file === 'gshadow';
    if (optional && isErrno(error, 'ENOENT')) return undefined;
    throw new Failure(`can't read ${pathOf(file)}`, { cause: error });
  }
}

function checkExpected(file: AccountFile, text: string, edits: AccountEdits): void {
  const lines = linesByName(text);
  for (const [name, expected] of Object.entries(edits.expected[file])) {
    const found = lines.get(name)?.join('\n') ?? null;
    if (found === (expected === null ? null : toBytes(expected))) continue;
    const what = found === null ? 'is gone' : expected === null ? 'is new' : 'is another';
    throw new Failure(`changed since the plan: the entry ${name} in ${pathOf(file)} ${what}`, {
      hint: 'run the command again: it makes a new plan',
    });
  }
}

/** The UID or GID in a line of passwd or group. */
function idOf(line: string): string | undefined {
  return line.split(':')[2];
}

/**
 * Has somebody taken the UID or GID of a new entry? To the kernel, two accounts with one UID are one:
 * its files, its processes, its fence.
 */
function checkIdsAreFree(file: 'passwd' | 'group', text: string, edits: AccountEdits): void {
  const written = Object.entries(edits[file]);
  const made = written.filter(([name]) => edits.expected[file][name] === null);
  const ids = new Map(made.map(([name, line]) => [idOf(line), name]));
  for (const [holder, lines] of linesByName(text)) {
    const id = lines.map(idOf).find((one) => ids.has(one));
    if (id === undefined || edits.remove[file].includes(holder)) continue;
    const what = `${file === 'passwd' ? 'UID' : 'GID'} ${id} of ${ids.get(id)}`;
    throw new Failure(`changed since the plan: ${holder} in ${pathOf(file)} has the ${what}`, {
      hint: 'run the command again: it makes a new plan',
    });
  }
}

/** The file as it will be; undefined when it needs no rewrite. */
function editedFile(file: AccountFile, edits: AccountEdits): string | undefined {
  const text = readFile(file);
  if (text === undefined) return undefined;
  checkExpected(file, text, edits);
  if (file === 'passwd' || file === 'group') checkIdsAreFree(file, text, edits);
  const write = Object.entries(edits[file]).map(([name, entry]) => [name, toBytes(entry)]);
  const edited = editAccountText(text, Object.fromEntries(write), edits.remove[file]);
  return edited === text ? undefined : edited;
}

function syncPath(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes the new content of files beside them. cp(1) gives each the owner, mode, ACL and security
 * label of the old one before it has content: on SELinux hosts a shadow file with the label of /etc
 * could be read by services that must not.
 */
async function stage(contents: ReadonlyMap<AccountFile, string>): Promise<void> {
  const files = [...contents.keys()];
  const copies = files.map((file) => [pathOf(file), accountTemporary(file)]);
  await runToolForEach(['cp', '--attributes-only', '--preserve=all', '--'], copies);
  for (const [file, content] of contents) {
    writeFileSync(accountTemporary(file), content, { encoding: asBytes, flag: 'r+' });
    syncPath(accountTemporary(file));
  }
}

function removeNewFiles(): void {
  for (const file of renameOrder) rmSync(accountTemporary(file), { force: true });
}

async function rewrite(edits: AccountEdits, lock: AccountLock): Promise<void> {
  const contents = new Map<AccountFile, string>();
  for (const file of renameOrder) {
    const content = editedFile(file, edits);
    if (content !== undefined) contents.set(file, content);
  }
  if (contents.size === 0) return;
  await stage(contents);
  for (const file of contents.keys()) {
    lock.check();
    renameSync(accountTemporary(file), pathOf(file));
  }
  syncPath('/etc');
}

/**
 * Carries out edits of the account files under the locks of the system's own tools: every file is
 * checked and written beside the old one first, then all are renamed into place, one by one. A
 * kill between two renames leaves entries that the next plan completes or removes. A file that
 * the host does not have (shadow, gshadow) is not made.
 *
 * Caches need no word from us: nscd(8) and sssd(8) watch these files themselves.
 * @throws Failure when an entry is not what the plan saw, or when the locks can't be had; nothing
 *   is changed then
 */
export async function applyAccountEdits(edits: AccountEdits): Promise<void> {
  await using lock = await lockAccountFiles();
  // What a killed run left.
  removeNewFiles();
  try {
    await rewrite(edits, lock);
  } finally {
    removeNewFiles();
  }
}
