import type { RunningCommand } from '../../src/host/throwaway.ts';
import type { TestHost } from '../rig/host.ts';
import { enter } from '../rig/ledger.ts';

const stop = '/run/storm-ends';

/**
 * What shell text does again and again, with a new number `$n` each time, until the storm ends. `say`
 * runs a command, and tells of it when that has worked: `WORDS` is then a line of the output.
 */
const loop = (body: string) => `
  say() { words=$1; shift; if "$@" >/dev/null 2>&1; then echo "$words"; else echo failed; fi; }
  n=0
  while [ ! -e ${stop} ]; do n=$((n + 1)); ${body}; done`;

/** Others who change the host while jailctl does. */
export class Storm {
  readonly #host: TestHost;
  readonly #running: readonly RunningCommand[];

  /** @param bodies shell texts of what goes on at the same time */
  static async begin(host: TestHost, bodies: readonly string[]): Promise<Storm> {
    const running = bodies.map((body) => host.spawn(['sh', '-c', loop(body)]));
    const storm = new Storm(host, running);
    await Promise.all(running.map((one) => one.printed('\n')));
    return storm;
  }

  private constructor(host: TestHost, running: readonly RunningCommand[]) {
    this.#host = host;
    this.#running = running;
  }

  /** @returns what each of them did, in its order; and how often something did not work */
  async end(): Promise<{ readonly done: readonly (readonly string[])[]; readonly failed: number }> {
    await this.#host.ok(['touch', stop]);
    const ended = await Promise.all(this.#running.map((one) => one.result()));
    await this.#host.ok(['rm', stop]);
    const lines = ended.map(({ stdout }) => stdout.split('\n').filter((line) => line !== ''));
    const failed = lines.flat().filter((line) => line === 'failed').length;
    return { done: lines.map((some) => some.filter((line) => line !== 'failed')), failed };
  }
}

/**
 * @param updates of others that worked, each of which is to be found in the end
 * @param lost those that are not
 */
export function countRaces(runs: number, updates = 0, lost = 0): void {
  enter('races', { 'runs of jailctl': runs, 'updates of others': updates, 'lost updates': lost });
}
