import type { Check } from './check.ts';
import { filesCheck } from './old-ids/files.ts';
import { ipcCheck } from './old-ids/ipc.ts';
import { jobsCheck } from './old-ids/jobs.ts';
import { mailCheck } from './old-ids/mail.ts';
import { namesCheck } from './old-ids/names.ts';
import { processesCheck } from './old-ids/processes.ts';
import { subIdsCheck } from './old-ids/sub-ids.ts';

/** All checks, in the order in which they are shown: what runs comes before what lies there. */
export const checks: readonly Check[] = [
  processesCheck,
  jobsCheck,
  ipcCheck,
  filesCheck,
  mailCheck,
  namesCheck,
  subIdsCheck,
];
