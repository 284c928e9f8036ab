import type { Probe } from './probe.ts';
import { fileProbes } from './probes/files.ts';
import { leakProbes } from './probes/leaks.ts';
import { networkProbes } from './probes/network.ts';
import { privilegeProbes } from './probes/privilege.ts';
import { processProbes } from './probes/processes.ts';
import { resourceProbes } from './probes/resources.ts';
import { terminalProbes } from './probes/terminal.ts';

/** Every probe, group by group. To add one, add an entry to the list of its group. */
export const allProbes: readonly Probe[] = [
  ...fileProbes,
  ...processProbes,
  ...networkProbes,
  ...privilegeProbes,
  ...resourceProbes,
  ...leakProbes,
  ...terminalProbes,
];
