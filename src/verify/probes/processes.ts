import type { Probe } from '../probe.ts';
import { lingeringProbes } from './processes/lingering.ts';
import { otherProcessProbes } from './processes/others.ts';
import { processorProbes } from './processes/processors.ts';
import { rightsProbes } from './processes/rights.ts';

export const processProbes: readonly Probe[] = [
  ...otherProcessProbes,
  ...lingeringProbes,
  ...rightsProbes,
  ...processorProbes,
];
