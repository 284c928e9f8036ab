import type { Probe } from '../probe.ts';
import { auditProbes } from './files/audit.ts';
import { escapeProbes } from './files/escape.ts';
import { kernelProbes } from './files/kernel.ts';
import { othersProbes } from './files/others.ts';
import { trapProbes } from './files/traps.ts';
import { treeProbes } from './files/tree.ts';

export const fileProbes: readonly Probe[] = [
  ...escapeProbes,
  ...treeProbes,
  ...auditProbes,
  ...kernelProbes,
  ...trapProbes,
  ...othersProbes,
];
