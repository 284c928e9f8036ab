import type { Kind } from '../kind.ts';
import { diffFirewall } from './diff.ts';
import { observeFirewall } from './observe.ts';
import { firewallSteps } from './steps.ts';
import type { FirewallTable } from './table.ts';

/** The fence around all jail users: one chain in the filter table of IPv4, and one of IPv6. */
export const firewallKind: Kind<FirewallTable> = {
  observe: observeFirewall,
  diff: diffFirewall,
  steps: firewallSteps,
};
