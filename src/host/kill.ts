import { isErrno } from './errno.ts';

/**
 * Sends SIGKILL; it may have ended by itself.
 * @param pid of a process, or, negative, of a process group (kill(2))
 */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}
