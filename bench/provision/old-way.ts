import { fileURLToPath } from 'node:url';
import { meterProgram } from '../program.ts';
import { type Cycle, record } from './cycle.ts';
import { checkUpgraded, type Python, upgradeOnHost } from './python.ts';

const who = 'old way';
const script = fileURLToPath(new URL('../old-way.sh', import.meta.url));

/** Jailkit's programs, for one jail. It has no plan, and to repeat it makes it fail. */
export function oldWayCycle(users: number, { library, files }: Python): Cycle {
  const oldWay = (...args: readonly string[]) => meterProgram(['sh', script, ...args]);
  return {
    who,
    run: async (recorder) => {
      await record(recorder, who, 'create', () => oldWay('create', String(users), ...files));
      await record(recorder, who, 'grow', () => oldWay('grow', String(users + 1)));
      await upgradeOnHost(library, '/old');
      await record(recorder, who, 'upgrade', () => oldWay('upgrade'));
      await checkUpgraded(library, '/old');
      await record(recorder, who, 'destroy', () => oldWay('destroy', String(users + 1)));
    },
  };
}
