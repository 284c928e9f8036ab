import { parsePasswd } from '../../kinds/account/account.ts';
import { readAccountTexts } from '../../kinds/account/texts.ts';
import type { Reader } from '../../model/reader.ts';
import { commandText } from '../../model/shell-text.ts';
import type { Check, Finding, Remedy } from '../check.ts';
import { isIn, type OldIds } from './old-ids.ts';
import { removalOf, subIdFiles, subIdLines } from './sub-ids.ts';

/** Something that the host keeps for a user by name. */
interface Kept {
  readonly name: string;
  readonly evidence: string;
  readonly removal: Remedy;
}

/** Directories in which the files of users have their names; whoever gets a name gets its file. */
const namedFiles = [
  ...['/var/spool/cron/crontabs', '/var/spool/cron/tabs', '/var/spool/cron'],
  ...['/var/mail', '/var/spool/mail', '/var/lib/systemd/linger'],
];

/** As jailctl names users: web1. */
const userName = /^[a-z][a-z0-9_-]*[1-9][0-9]*$/;

/** A file that belongs to an old UID is told of by the other checks. */
function keptFiles(reader: Reader, { uids }: OldIds): readonly Kept[] {
  return namedFiles
    .filter((directory) => reader.lstat(directory)?.type === 'directory')
    .flatMap((directory) =>
      (reader.list(directory) ?? []).map((name) => ({ name, path: `${directory}/${name}` })),
    )
    .filter(({ path }) => {
      const stat = reader.lstat(path);
      return stat?.type === 'file' && !isIn(uids, stat.uid);
    })
    .map(({ name, path }) => {
      const removal = { does: 'deletes it', command: commandText(['rm', '--', path]) };
      return { name, evidence: path, removal };
    });
}

function keptSubIds(reader: Reader): readonly Kept[] {
  return subIdFiles.flatMap((file) =>
    subIdLines(reader, file).map((line) => ({
      name: line.owner,
      evidence: `${file}: ${line.text}`,
      removal: removalOf(file, line),
    })),
  );
}

/** Accounts may come from elsewhere than /etc/passwd. */
function knownNames(reader: Reader, asked: readonly string[]): ReadonlySet<string> {
  const known = new Set(readAccountTexts(reader).passwd.keys());
  const unknown = asked.filter((name) => !known.has(name));
  if (unknown.length === 0 || reader.which('getent') === undefined) return known;
  const { stdout } = reader.query(['getent', 'passwd', '--', ...unknown]);
  for (const line of stdout.split('\n')) known.add(parsePasswd(line).name);
  return known;
}

/**
 * Names come back sooner than UIDs: a jail that grows again has the same ones. What is kept for a
 * name without an account may have been kept for a jail user, or for anybody else who has gone.
 */
export const namesCheck: Check = {
  id: 'old-ids-names',
  title: 'what is kept for names of users that nobody has',
  needsRoot: true,
  examine: ({ reader, oldIds }) => {
    const kept = [...keptFiles(reader, oldIds), ...keptSubIds(reader)].filter(({ name }) =>
      userName.test(name),
    );
    const known = knownNames(reader, [...new Set(kept.map(({ name }) => name))]);
    return kept
      .filter(({ name }) => !known.has(name))
      .map(
        ({ name, evidence, removal }): Finding => ({
          status: 'warning',
          message: `something is kept for ${name}, and there is no such account`,
          evidence: [evidence],
          more: 0,
          remedies: [removal],
        }),
      );
  },
};
