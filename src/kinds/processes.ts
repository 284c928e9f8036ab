import type { Reader } from '../model/reader.ts';

/** What proc_pid_status(5) tells about a process. */
export interface Process {
  readonly pid: number;
  /** The program's name, as it calls itself: anything may be in it. */
  readonly name: string;
  /** Real, effective, saved and file-system UID. */
  readonly uids: readonly number[];
  /** Those four of the GIDs, and the other groups. */
  readonly gids: readonly number[];
}

/** Paths of one call: their names stay well under the kernel's limit for arguments (execve(2)). */
const pathsPerCall = 2000;

const fields = 'Name|State|Uid|Gid|Groups';

/** By `grep`, because a process may end while it is looked at: then it just has no line. */
function statusLines(reader: Reader, pids: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let first = 0; first < pids.length; first += pathsPerCall) {
    const paths = pids.slice(first, first + pathsPerCall).map((pid) => `/proc/${pid}/status`);
    const flags = ['--no-messages', '--with-filename', '--extended-regexp'];
    const { stdout } = reader.query(['grep', ...flags, `^(${fields}):`, '--', ...paths]);
    lines.push(...stdout.split('\n'));
  }
  return lines;
}

/** Every process of the host but zombies, which run nothing any more. */
export function readProcesses(reader: Reader): readonly Process[] {
  const pids = (reader.list('/proc') ?? []).filter((name) => /^\d+$/.test(name));
  const found = new Map<number, Map<string, string>>();
  for (const line of statusLines(reader, pids)) {
    const [, pid, field, value] = /^\/proc\/(\d+)\/status:(\w+):\s*(.*)$/.exec(line) ?? [];
    if (pid === undefined || field === undefined) continue;
    const known = found.get(Number(pid)) ?? new Map<string, string>();
    found.set(Number(pid), known.set(field, value ?? ''));
  }
  const numbers = (text = '') => (text.match(/\d+/g) ?? []).map(Number);
  return [...found]
    .filter(([, status]) => !/^[ZX]/.test(status.get('State') ?? ''))
    .map(([pid, status]) => ({
      pid,
      name: status.get('Name') ?? '',
      uids: numbers(status.get('Uid')),
      gids: [...numbers(status.get('Gid')), ...numbers(status.get('Groups'))],
    }));
}
