import type { Probe } from '../probe.ts';
import { cpuBoundProbes } from './resources/cpu.ts';
import { fileBoundProbes } from './resources/files.ts';
import { kernelBoundProbes } from './resources/kernel.ts';
import { leftoverProbes } from './resources/leftovers.ts';
import { memoryBoundProbes } from './resources/memory.ts';
import { outputBoundProbes } from './resources/output.ts';
import { processBoundProbes } from './resources/processes.ts';
import { togetherProbes } from './resources/together.ts';

export const resourceProbes: readonly Probe[] = [
  ...processBoundProbes,
  ...memoryBoundProbes,
  ...cpuBoundProbes,
  ...fileBoundProbes,
  ...outputBoundProbes,
  ...kernelBoundProbes,
  ...leftoverProbes,
  ...togetherProbes,
];
