import type { Reader } from '../../model/reader.ts';
import type { Place } from './file-systems.ts';

/** Where hosts keep what is done or delivered later, for users: Debian, Red Hat, SUSE. */
const places = {
  jobs: ['/var/spool/cron', '/var/spool/at', '/var/spool/atjobs'],
  mail: ['/var/mail', '/var/spool/mail'],
} as const;

/** Those that this host has, each once: some lead to others by a symlink. */
export function spools(reader: Reader, what: keyof typeof places): readonly Place[] {
  return places[what]
    .filter((path) => reader.lstat(path)?.type === 'directory')
    .map((root) => ({ root, except: [] }));
}
