import type { Range } from '../../range.ts';

/** A process of the host by a mark in its command line: its PID, as root sees it. */
export async function findOnHost({ host }: Range, mark: string): Promise<string | undefined> {
  const { outcome, facts } = await host.outside(['find-process'], { stdin: mark });
  return outcome === 'done' ? facts.get('pid') : undefined;
}

/** The same of one that runs in the jail. @throws Error when there is none */
export async function pidInside(range: Range, mark: string): Promise<string> {
  const pid = await findOnHost(range, mark);
  if (pid === undefined) throw new Error('root finds no process of the run on the host');
  return pid;
}
