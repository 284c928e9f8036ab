import { chainName, type Rule } from './table.ts';

/**
 * Splits a rule into words as iptables-restore does: double quotes hold blanks together, and a
 * backslash takes the next character as it is.
 */
export function wordsOf(rule: Rule): readonly string[] {
  const words = rule.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/g) ?? [];
  return words.map((word) =>
    word.startsWith('"') ? word.slice(1, -1).replace(/\\(.)/g, '$1') : word,
  );
}

/** `-A`, the chain, then options, each with its `!` and its arguments. */
function optionsOf(words: readonly string[]): readonly (readonly string[])[] {
  const options: string[][] = [];
  let negated = false;
  for (const word of words) {
    if (word === '!') {
      negated = true;
      continue;
    }
    const option = options.at(-1);
    if (/^-/.test(word) || option === undefined) options.push(negated ? ['!', word] : [word]);
    else option.push(word);
    negated = false;
  }
  return options;
}

/** A range of one is printed as one number. */
function normalWord(word: string): string {
  const [, first, last] = /^(\d+)[-:](\d+)$/.exec(word) ?? [];
  return first !== undefined && first === last ? first : word;
}

/**
 * What a rule means, as text: two rules with the same key match the same packets and do the same.
 * The order of matches within a rule depends on the version of iptables and means nothing.
 */
export function ruleKey(rule: Rule): string {
  const groups: string[][] = [];
  let target = false;
  for (const option of optionsOf(wordsOf(rule))) {
    const name = option.find((word) => word !== '!') ?? '';
    const words = option.map(normalWord);
    // `-m owner` and `-j REJECT` are followed by their own long options.
    if (!name.startsWith('--') || groups.length === 0) groups.push(words);
    else groups.at(-1)?.push(...words);
    if (name === '-j' || name === '-g') target = true;
  }
  const last = target ? groups.splice(-1) : [];
  return JSON.stringify([...groups.map((group) => group.join(' ')).sort(), ...last]);
}

/** The chain that a rule stands in. */
export function chainOf(rule: Rule): string {
  return wordsOf(rule)[1] ?? '';
}

/** Does the rule send packets into jailctl's chain? */
export function leadsIntoChain(rule: Rule): boolean {
  const words = wordsOf(rule);
  return words.some((word, at) => (word === '-j' || word === '-g') && words[at + 1] === chainName);
}

/** Has the rule a comment as jailctl writes it: `jailctl`, or `jailctl: NAME`? */
export function isOurs(rule: Rule): boolean {
  const words = wordsOf(rule);
  return words.some(
    (word, at) => word === '--comment' && /^jailctl(?:: .+)?$/.test(words[at + 1] ?? ''),
  );
}

/** A rule of OUTPUT as what puts it at its place. @param at counted from 0 */
export function insertion(rule: Rule, at: number): string {
  return rule.replace(/^-A OUTPUT /, `-I OUTPUT ${at + 1} `);
}
