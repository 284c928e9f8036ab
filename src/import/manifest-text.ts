import { loadManifest } from '../manifest/load.ts';
import { printable } from '../model/printable.ts';
import { uidRanges } from '../model/uid-range.ts';
import { type FoundJail, someOf } from './found.ts';
import type { Survey } from './survey.ts';

/** A manifest that was made from what a host has. */
export interface DraftManifest {
  readonly text: string;
  /** Jails that no manifest, or not this one, can name, and why; the text has them as comments. */
  readonly leftOut: readonly { readonly jail: FoundJail; readonly why: readonly string[] }[];
  readonly jails: readonly FoundJail[];
  /** Jails of this host that are jailctl's already. */
  readonly owned: readonly string[];
}

/** Of a jail whose users could log in by Jailkit's shell. By which keys they may, nobody has said. */
const chrootLogin: readonly string[] = [
  '# its users could log in until now, by jk_chrootsh; taken over, they can not, unless you write:',
  '# login: chroot',
  '# authorized_keys: [ssh-ed25519 …]',
];

/** Everything that a plain scalar of YAML may be made of, without a thought about its rules. */
const plainScalar = /^[A-Za-z/][A-Za-z0-9/_.+:-]*(?<!:)$/;
/** Words that YAML takes for something else than a text: YAML 1.1 has more of them. */
const notText = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

function scalar(text: string): string {
  return plainScalar.test(text) && !notText.test(text) ? text : JSON.stringify(text);
}

/** A comment of one line: what the host says must not end it. */
function comment(text: string): string {
  return `# ${printable(text)}`;
}

function indent(lines: readonly string[], by: number): readonly string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}

function jailLines(jail: FoundJail): readonly string[] {
  const { name, path, users, network, login, tools, notes } = jail;
  const highest = users.at(-1)?.number ?? 0;
  const entries = tools.entries.map((entry) => `  - ${scalar(entry)}`);
  const body = [
    `path: ${scalar(path)}`,
    '',
    ...notes.map(comment),
    `users: ${highest}`,
    '',
    ...network.notes.map(comment),
    `network: ${network.mode}`,
    ...(login === 'chroot' ? chrootLogin : []),
    '',
    ...tools.notes.map(comment),
    ...(entries.length === 0 ? ['tools: []'] : ['tools:', ...entries]),
  ];
  return [`${scalar(name)}:`, ...indent(body, 2).map((line) => line.trimEnd())];
}

/** What a person should know who has jails of jailctl already. */
export function neighbours(owned: readonly string[]): string {
  return `This host has jails of jailctl already: ${someOf(owned)}. Add these to their manifest: apply removes jails that its manifest does not name.`;
}

function uidComment(survey: Survey, jails: readonly FoundJail[]): readonly string[] {
  const uids = jails.flatMap(({ users }) => users.map(({ uid }) => uid));
  const outside = uids.filter((uid) => uid < survey.pool.first || uid > survey.pool.last);
  if (outside.length === 0) return ['# UIDs for jail users. Those who are there keep theirs.'];
  const ranges = uidRanges(outside).map(({ first, last }) =>
    first === last ? String(first) : `${first}-${last}`,
  );
  return [
    '# UIDs for new users. Those who are there keep theirs, though no pool may hold them:',
    comment(ranges.join(', ')),
  ];
}

function write(survey: Survey, jails: readonly FoundJail[], left: readonly string[]): string {
  const { pool, owned } = survey;
  const { first, last } = pool;
  const blocks = jails.flatMap((jail) => [...indent(jailLines(jail), 2), '']);
  const lines = [
    '# Made by `jailctl import` from what this host has. Look it through, then:',
    '#   jailctl import --adopt -f FILE    shows what becomes of the jails, asks, and takes them over',
    '# Every jail has the limits that are usual with jailctl: until now there were none.',
    ...(owned.length === 0 ? [] : [comment(neighbours(owned))]),
    'version: 1',
    '',
    ...uidComment(survey, jails),
    `uids: ${first}-${last}`,
    '',
    ...left,
    ...(jails.length === 0 ? ['jails: {}'] : ['jails:', ...blocks]),
  ];
  return `${lines
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()}\n`;
}

function mistakes(text: string): readonly string[] {
  const loaded = loadManifest('manifest', () => text);
  if (loaded.ok) return [];
  return loaded.diagnostics.map(({ message, hint }) =>
    hint === undefined ? message : `${message}; ${hint}`,
  );
}

/**
 * Writes a manifest that loads, whatever the host has. The manifest's own rules decide what can be
 * in it: each jail is tried with those before it, and one that makes a mistake is left out.
 */
export function draftManifest(survey: Survey): DraftManifest {
  const jails: FoundJail[] = [];
  const leftOut: { jail: FoundJail; why: readonly string[] }[] = [];
  for (const jail of survey.jails) {
    const sameName = jails.find(({ name }) => name === jail.name);
    const why =
      sameName === undefined
        ? mistakes(write(survey, [...jails, jail], []))
        : [`${sameName.path} has the same name`];
    if (why.length === 0) jails.push(jail);
    else leftOut.push({ jail, why });
  }
  const left = leftOut.flatMap(({ jail, why }) => [
    comment(`Not here: ${jail.path}, for a manifest can't have it as it is:`),
    ...why.map((one) => comment(`  ${one}`)),
    '',
  ]);
  return { text: write(survey, jails, left), leftOut, jails, owned: survey.owned };
}
