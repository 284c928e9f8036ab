import type { Reader } from '../../model/reader.ts';

/** What sshd(8) does for one user, by keyword in small letters, as it says itself. */
export type SshdSettings =
  | { readonly ok: true; readonly lines: readonly string[]; of(keyword: string): string }
  | { readonly ok: false; readonly complaint: string };

/** Asks sshd(8): `-T` prints its configuration, and `-C` says for whom. */
export function readSshd(reader: Reader, user: string): SshdSettings {
  if (reader.which('sshd') === undefined) return { ok: false, complaint: 'it is not installed' };
  const who = `user=${user},host=localhost,addr=127.0.0.1`;
  const { status, stdout, stderr } = reader.query(['sshd', '-T', '-C', who]);
  if (status !== 0) return { ok: false, complaint: stderr.trim().replaceAll('\n', '; ') };
  const lines = stdout.split('\n');
  return {
    ok: true,
    lines,
    of: (keyword) => {
      const line = lines.find((one) => one.startsWith(`${keyword} `));
      return line?.slice(keyword.length + 1) ?? '';
    },
  };
}

/** The program that sshd starts for sftp and scp; undefined where it has none. */
export function sftpServer(sshd: SshdSettings): string | undefined {
  if (!sshd.ok) return undefined;
  const [name, program] = sshd.of('subsystem').split(' ');
  return name === 'sftp' && program?.startsWith('/') ? program : undefined;
}

/**
 * Does a running sshd have a configuration that is older than this file? It writes its PID file
 * anew whenever it has read it.
 */
export function isUnread(reader: Reader, pidFile: string, changedMs: number): boolean {
  const stat = reader.lstat(pidFile);
  const pid = stat?.type === 'file' ? Number(reader.readText(pidFile)) : Number.NaN;
  if (stat === undefined || !Number.isInteger(pid)) return false;
  // Another process may have the number by now.
  if (!/\bsshd\b/.test(reader.readText(`/proc/${pid}/comm`) ?? '')) return false;
  return changedMs > stat.mtimeMs;
}
