import { Failure } from '../model/failure.ts';
import { runSilentTool } from './tool.ts';

/**
 * Ends every process of these users, and removes what they leave in the kernel: shared memory,
 * semaphores, message queues, keys. Each process is killed by its PID, which nothing that the tenant
 * does can delay; then all of a user at once, so that no fork slips through.
 * @param sweepPath of jailctl-sweep
 * @throws Failure when one is still there after 10 s, with its UID
 */
export async function endProcesses(sweepPath: string, uids: readonly number[]): Promise<void> {
  try {
    await runSilentTool([sweepPath, ...uids.map(String)]);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const hint = 'look at processes of a UID with: ps -u UID -o pid,stat,wchan,args';
    throw new Failure(error.message, { hint, cause: error.cause });
  }
}
