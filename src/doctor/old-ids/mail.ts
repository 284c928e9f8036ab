import type { Check } from '../check.ts';
import { fileFindings } from './file-findings.ts';
import { findOldFiles } from './find-files.ts';
import { spools } from './spools.ts';

export const mailCheck: Check = {
  id: 'old-ids-mail',
  title: 'mailboxes of IDs that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) =>
    fileFindings(findOldFiles(reader, oldIds, spools(reader, 'mail')), 'mailbox', 'mailboxes'),
};
