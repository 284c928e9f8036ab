import { plural } from '../../model/numbers.ts';
import { commandText } from '../../model/shell-text.ts';
import { evidenceMax, type Finding, type Remedy, someOf } from '../check.ts';
import type { Found, OldFiles } from './find-files.ts';

/**
 * `-execdir`, because a path can be turned by a tenant between its finding and its change. What has
 * an old group only is somebody else's file, and not to be deleted.
 */
function remediesOf({ type, id }: OldFiles, roots: readonly string[]): readonly Remedy[] {
  const find = ['find', ...roots, '-xdev', type === 'UID' ? '-uid' : '-gid', id];
  const change = ['-execdir', 'chgrp', '--no-dereference', 'root', '--', '{}', '+'];
  return [
    { does: 'shows them', command: commandText([...find, '-ls']) },
    type === 'UID'
      ? { does: 'deletes them', command: commandText([...find, '-delete']) }
      : { does: "makes them of root's group", command: commandText([...find, ...change]) },
  ];
}

/** @param noun what they are: `file`; `nouns`: more than one of them */
export function fileFindings(
  { files, complaints }: Found,
  noun: string,
  nouns?: string,
): readonly Finding[] {
  const byId = Map.groupBy(files, ({ type, id }) => `${type} ${id}`);
  const findings = [...byId].map(([who, some]): Finding => {
    const count = some.reduce((sum, one) => sum + one.count, 0);
    const evidence = some.flatMap(({ paths }) => paths).slice(0, evidenceMax);
    const roots = some.map(({ root }) => root);
    return {
      status: 'problem',
      message: `${plural(count, noun, nouns)} of ${who}, which nobody has`,
      evidence,
      more: count - evidence.length,
      remedies: some.slice(0, 1).flatMap((one) => remediesOf(one, roots)),
    };
  });
  if (complaints.length === 0) return findings;
  const message = 'not everything could be looked at';
  return [...findings, { status: 'warning', message, ...someOf(complaints), remedies: [] }];
}
