import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { applyArgv, manifestPath, writeManifest } from '../manifest.ts';
import { shuffled } from '../measure.ts';
import { type Argv, jailctlArgv, meterProgram, nodeArgv } from '../program.ts';
import { type Cycle, record, type Size } from './cycle.ts';
import {
  checkUpgraded,
  destroyArgv,
  jailPaths,
  manifestOf,
  type Python,
  upgradeOnHost,
} from './python.ts';

const who = 'jailctl';

const readsPath = fileURLToPath(new URL('../bare/reads.mjs', import.meta.url));

/** It exits with 2 when anything is to do, which is an error here. */
const planArgv = jailctlArgv('plan', '--detailed-exitcode', '--file', manifestPath);
const emptyApplyArgv = jailctlArgv('apply', '--file', manifestPath);

/**
 * jailctl, and what its plans have as their floor, on the same jails.
 * @param repeats how often it does what changes nothing, each time in turn with its floor
 */
export function jailctlCycle(size: Size, { library }: Python, repeats: number): Cycle {
  const [firstJail, ...otherJails] = jailPaths(size);
  const lastJail = otherJails.at(-1) ?? firstJail;
  const idle = {
    node: nodeArgv,
    find: ['find', firstJail, ...otherJails],
    reads: [process.execPath, readsPath, firstJail, ...otherJails],
    plan: planArgv,
    apply: emptyApplyArgv,
  } as const satisfies Record<string, Argv>;
  const names = Object.keys(idle) as (keyof typeof idle)[];
  return {
    who,
    run: async (recorder) => {
      writeManifest(manifestOf(size));
      await record(recorder, who, 'create', () => meterProgram(applyArgv));
      for (let repeat = 0; repeat < repeats; repeat++) {
        for (const name of shuffled(names)) {
          await record(recorder, who, name, () => meterProgram(idle[name]));
        }
      }
      writeManifest(manifestOf(size, 1));
      await record(recorder, who, 'grow', () => meterProgram(applyArgv));
      await upgradeOnHost(library, lastJail);
      await record(recorder, who, 'upgrade', () => meterProgram(applyArgv));
      await checkUpgraded(library, lastJail);
      await record(recorder, who, 'destroy', () => meterProgram(destroyArgv));
      if (existsSync(firstJail)) throw new Error(`${firstJail} is still there`);
    },
  };
}
