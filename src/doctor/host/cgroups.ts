import type { Manifest } from '../../model/manifest.ts';
import type { CgroupMode } from '../../model/run-facts.ts';
import { type Check, finding } from '../check.ts';

const words: Readonly<Record<CgroupMode, string>> = {
  none: 'no cgroups are mounted',
  v1: 'version 1',
  v2: 'version 2',
  hybrid: 'hybrid: controllers of version 1, and version 2 beside them',
};

/** The limits of a run that need each controller, as a manifest names them. */
const limitsOf: Readonly<Record<string, readonly string[]>> = {
  memory: ['memory'],
  pids: ['processes'],
  cpu: ['cpus'],
  cpuacct: ['cpu_time'],
};

/** Does no jail need a controller for these limits? */
function areGivenUp(manifest: Manifest | undefined, names: readonly string[]): boolean {
  if (manifest === undefined) return false;
  return manifest.jails.every(({ optional, limits }) =>
    names.every(
      (name) => optional.includes(name) || (name === 'cpus' && limits.cpus === undefined),
    ),
  );
}

export const cgroupsCheck: Check = {
  id: 'cgroups',
  title: 'cgroups, by which runs are limited',
  examine: ({ runs, manifest }) => {
    const faults = runs.controllers.flatMap(({ name, fault }) =>
      fault === undefined ? [] : [{ name, ...fault }],
    );
    const [first] = faults;
    if (first === undefined) return [finding('info', words[runs.cgroups])];
    const limits = faults.flatMap(({ name }) => limitsOf[name] ?? []);
    const status = areGivenUp(manifest, limits) ? 'warning' : 'problem';
    // Where all fail, they fail for one reason.
    const remedies = [...new Set(faults.map(({ remedy }) => remedy))].map((does) => ({ does }));
    return [
      {
        ...finding(status, `runs can't be limited: ${faults.map(({ name }) => name).join(', ')}`, [
          ...remedies,
          {
            does: 'lets runs go without these limits, which is weaker',
            manifest: `optional: [${limits.join(', ')}]`,
          },
        ]),
        evidence: [...new Set(faults.map(({ why }) => why))],
      },
    ];
  },
};
