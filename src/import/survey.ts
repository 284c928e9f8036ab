import { parseGroup, parseId } from '../kinds/account/account.ts';
import { type AccountTexts, readAccountTexts } from '../kinds/account/texts.ts';
import { readRegister } from '../kinds/jail/observe.ts';
import { readPool } from '../kinds/limits/pool-file.ts';
import type { Reader } from '../model/reader.ts';
import type { UidRange } from '../model/uid-range.ts';
import { type Residents, readAccounts, residentsOf } from './accounts.ts';
import { findJails } from './candidates.ts';
import { type FoundJail, type FoundUser, someOf } from './found.ts';
import { networkOf, type OutputRules, readOutputRules } from './old-rules.ts';
import { choosePool } from './pool.ts';
import { toolsOf } from './tools.ts';

/** What this host has of jails that were made without jailctl. */
export interface Survey {
  /** Sorted by name. */
  readonly jails: readonly FoundJail[];
  readonly pool: UidRange;
  /** Jails of this host that are jailctl's already. */
  readonly owned: readonly string[];
}

/** Jailkit's login shell: jk_chrootsh(8). */
const chrootShell = /\/jk_chrootsh$/;

function numberNotes(name: string, users: readonly FoundUser[]): readonly string[] {
  const numbers = new Set(users.map(({ number }) => number));
  const missing = Array.from({ length: Math.max(0, ...numbers) }, (_, index) => index + 1)
    .filter((number) => !numbers.has(number))
    .map((number) => `${name}${number}`);
  if (missing.length === 0) return [];
  return [`not there yet, and made by the next apply: ${someOf(missing)}`];
}

function peopleNotes({ others, namesakes }: Residents): readonly string[] {
  return [
    ...others.map(
      ({ name, uid, home }) =>
        `${name} (UID ${uid}, home ${home}) lives in it too, and no manifest can name it: a jail's users are its name and a number`,
    ),
    ...namesakes.map(
      ({ name, uid, home }) =>
        `${name} (UID ${uid}) has the name of a user of this jail, and its home is ${home}: it is not counted`,
    ),
  ];
}

function surveyJail(
  reader: Reader,
  path: string,
  accounts: ReturnType<typeof readAccounts>,
  output: OutputRules,
  jailPaths: readonly string[],
): FoundJail {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const residents = residentsOf(reader, accounts, { name, path });
  const { users, others } = residents;
  const network = networkOf(output, users);
  return {
    name,
    path,
    users,
    others: others.map((account) => account.name),
    network,
    login: users.some(({ shell }) => chrootShell.test(shell)) ? 'chroot' : 'none',
    tools: toolsOf(reader, path, network.mode !== 'none', jailPaths),
    notes: [...numberNotes(name, users), ...peopleNotes(residents)],
  };
}

/** IDs of accounts and groups that are none of the found users'. */
function foreignNumbers(texts: AccountTexts, users: ReadonlySet<string>): readonly number[] {
  const uids = readAccounts(texts)
    .filter(({ name }) => !users.has(name))
    .map(({ uid }) => uid);
  const groups = [...texts.group.values()].flat().map(parseGroup);
  const gids = groups.filter(({ name }) => !users.has(name)).map(({ third }) => parseId(third));
  return [...uids, ...gids];
}

/**
 * Looks at jails that were made by hand or by the old scripts. It only reads.
 * @param paths their directories; absent: all that are found
 */
export function surveyHost(reader: Reader, paths?: readonly string[]): Survey {
  const texts = readAccountTexts(reader);
  const accounts = readAccounts(texts);
  const output = readOutputRules(reader);
  const wanted = paths ?? findJails(reader, accounts);
  const jails = wanted
    .map((path) => surveyJail(reader, path, accounts, output, wanted))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const users = jails.flatMap((jail) => jail.users);
  const foreign = foreignNumbers(texts, new Set(users.map(({ name }) => name)));
  const found = users.map(({ uid }) => uid);
  const owned = [...readRegister(reader).keys()];
  return { jails, pool: readPool(reader)?.uids ?? choosePool(found, foreign), owned };
}
