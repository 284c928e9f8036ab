import type { Probe } from '../probe.ts';
import { accountProbes } from './leaks/accounts.ts';
import { kernelLeakProbes } from './leaks/kernel.ts';
import { lockProbes } from './leaks/locks.ts';
import { objectProbes } from './leaks/objects.ts';

export const leakProbes: readonly Probe[] = [
  ...objectProbes,
  ...lockProbes,
  ...kernelLeakProbes,
  ...accountProbes,
];
