import type { Check } from '../check.ts';
import { fileFindings } from './file-findings.ts';
import { findOldFiles } from './find-files.ts';
import { spools } from './spools.ts';

/** What cron(8) and at(1) would run: outside of every jail, as whoever gets the UID next. */
export const jobsCheck: Check = {
  id: 'old-ids-jobs',
  title: 'crontabs and jobs of at, of IDs that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) =>
    fileFindings(findOldFiles(reader, oldIds, spools(reader, 'jobs')), 'job'),
};
