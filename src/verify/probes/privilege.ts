import type { Probe } from '../probe.ts';
import { givenProbes } from './privilege/given.ts';
import { kernelProbes } from './privilege/kernel.ts';
import { rightsProbes } from './privilege/rights.ts';

export const privilegeProbes: readonly Probe[] = [...rightsProbes, ...kernelProbes, ...givenProbes];
