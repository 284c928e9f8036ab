import type { Check } from './check.ts';
import { bootCheck } from './host/boot.ts';
import { cgroupsCheck } from './host/cgroups.ts';
import { enginesCheck } from './host/engines.ts';
import { ipv6Check } from './host/ipv6.ts';
import { jailLimitsCheck } from './host/jail-limits.ts';
import { kernelCheck } from './host/kernel.ts';
import { loginLimitsCheck } from './host/login-limits.ts';
import { ownerMatchCheck } from './host/owner-match.ts';
import { packetFiltersCheck } from './host/packet-filters.ts';
import { profilesCheck } from './host/profiles.ts';
import { toolsCheck } from './host/tools.ts';
import { filesCheck } from './old-ids/files.ts';
import { ipcCheck } from './old-ids/ipc.ts';
import { jobsCheck } from './old-ids/jobs.ts';
import { mailCheck } from './old-ids/mail.ts';
import { namesCheck } from './old-ids/names.ts';
import { processesCheck } from './old-ids/processes.ts';
import { subIdsCheck } from './old-ids/sub-ids.ts';

/**
 * All checks, in the order in which they are shown: what jailctl works with, then what old users left,
 * of which what runs comes before what lies there.
 */
export const checks: readonly Check[] = [
  toolsCheck,
  kernelCheck,
  cgroupsCheck,
  enginesCheck,
  profilesCheck,
  packetFiltersCheck,
  ownerMatchCheck,
  ipv6Check,
  bootCheck,
  loginLimitsCheck,
  jailLimitsCheck,
  processesCheck,
  jobsCheck,
  ipcCheck,
  filesCheck,
  mailCheck,
  namesCheck,
  subIdsCheck,
];
