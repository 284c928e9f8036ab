import type { Probe } from '../probe.ts';
import { allowProbes } from './network/allow.ts';
import { changeProbes } from './network/changes.ts';
import { localProbes } from './network/local.ts';
import { packetProbes } from './network/packets.ts';
import { ruleProbes } from './network/rules.ts';
import { socketProbes } from './network/sockets.ts';

/** What the jail reaches, and what reaches it. */
export const networkProbes: readonly Probe[] = [
  ...packetProbes,
  ...socketProbes,
  ...localProbes,
  ...changeProbes,
  ...allowProbes,
  ...ruleProbes,
];
