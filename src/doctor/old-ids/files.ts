import type { Check } from '../check.ts';
import { fileFindings } from './file-findings.ts';
import { localFileSystems } from './file-systems.ts';
import { findOldFiles } from './find-files.ts';
import { spools } from './spools.ts';

/** Files anywhere: in /tmp, in jails, in homes of others, in shared memory, message queues. */
export const filesCheck: Check = {
  id: 'old-ids-files',
  title: 'files of IDs that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) => {
    // Other checks look there.
    const elsewhere = [...spools(reader, 'jobs'), ...spools(reader, 'mail')];
    const places = localFileSystems(reader).map(({ root, except }) => {
      return { root, except: [...except, ...elsewhere.map((place) => place.root)] };
    });
    return fileFindings(findOldFiles(reader, oldIds, places), 'file');
  },
};
