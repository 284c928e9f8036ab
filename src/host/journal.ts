import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { Failure } from '../model/failure.ts';
import { journalDirectory, journalFile, journalFiles } from '../model/host-paths.ts';
import type { JournalEntry } from '../model/journal.ts';
import { makeDirectories } from './make-directories.ts';
import { hostReader } from './reader.ts';
import { runTool } from './tool.ts';

/** A file that is larger gets a number, and a new one begins; the oldest goes. */
const fileBytesMax = 2 ** 20;

/**
 * A logger that hangs, with its queue full, must not keep anybody from removing a jail.
 */
const loggerTimeoutMs = 2000;

/** Longer lines would come in pieces; rsyslog takes as much. */
const messageBytesMax = 8192;

/** Of a process that no login leads to (pam_loginuid(8)). */
const noLogin = '4294967295';

/** Who asked for it: the user behind sudo(8), and the UID of the login, which nobody can change. */
function caller(): { readonly who: string; readonly login_uid?: number } {
  const login = hostReader.readText('/proc/self/loginuid')?.trim() ?? noLogin;
  const who = process.env['SUDO_USER'] ?? userInfo().username;
  return { who, ...(login !== noLogin && { login_uid: Number(login) }) };
}

function rotate(): void {
  const size = lstatSync(journalFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size < fileBytesMax) return;
  const [oldest, ...newer] = journalFiles.toReversed();
  let to = oldest as string;
  for (const from of newer) {
    if (existsSync(from)) renameSync(from, to);
    to = from;
  }
}

/** On some hosts a group of the system's logger may write to /var/log. */
function requireDirectory(): void {
  makeDirectories(journalDirectory, 0o700);
  const stat = lstatSync(journalDirectory);
  if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o022) === 0) return;
  throw new Failure(`${journalDirectory} is not a directory of root's alone`);
}

function append(text: string): void {
  requireDirectory();
  rotate();
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const descriptor = openSync(journalFile, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  const { size } = fstatSync(descriptor);
  try {
    writeFileSync(descriptor, text);
  } catch (error) {
    // Half a line, on a full disk, would spoil the next one.
    ftruncateSync(descriptor, size);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Writes changes down, a line of JSON each: in jailctl's own journal, and in the system's log where
 * there is one. Only whoever holds the lock of `apply` and `destroy` writes.
 * @throws Error when one of the two can't be written
 */
export async function writeJournal(entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const common = { time: new Date().toISOString(), ...caller(), pid: process.pid };
  const lines = entries.map((entry) => `${JSON.stringify({ ...common, ...entry })}\n`).join('');
  append(lines);
  if (!existsSync('/dev/log')) return;
  const flags = ['--tag', 'jailctl', `--id=${process.pid}`, '--priority', 'auth.notice'];
  // Else it says nothing where nobody listens.
  const more = [`--size=${messageBytesMax}`, '--socket-errors=on'];
  await runTool(['logger', ...flags, ...more], lines, loggerTimeoutMs);
}
