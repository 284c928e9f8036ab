import { compiled } from '../native.ts';
import { meterProgram } from '../program.ts';
import { type Cycle, record, type Size } from './cycle.ts';
import { checkUpgraded, type Python, upgradeOnHost } from './python.ts';

const who = 'floor';

/** The least that does the same: native/floor.c. */
export function floorCycle({ jails, users }: Size, { reference, library }: Python): Cycle {
  const floor = (verb: string, ...rest: readonly string[]) =>
    meterProgram([compiled('floor'), verb, String(jails), ...rest]);
  return {
    who,
    run: async (recorder) => {
      await record(recorder, who, 'create', () => floor('create', String(users), reference));
      await record(recorder, who, 'grow', () => floor('grow', String(users)));
      await upgradeOnHost(library, `/floor${jails}`);
      await record(recorder, who, 'upgrade', () => floor('upgrade', library));
      await checkUpgraded(library, `/floor${jails}`);
      await record(recorder, who, 'destroy', () => floor('destroy'));
    },
  };
}
