import { type Label, worst } from '../model/label.ts';
import type { EngineName, JailSettings, Limits, Network } from '../model/settings.ts';
import { reaches } from './reach.ts';

type Rule<T> = (before: T, after: T) => Label;

/** A rule for each key: the compiler says where one is missing. */
type Rules<T> = { readonly [Key in keyof T]-?: Rule<T[Key]> };

const neutral: Rule<unknown> = () => 'neutral';

/** More of it is looser. */
function rising(before: number, after: number): Label {
  if (before === after) return 'neutral';
  return after > before ? 'loosens' : 'tightens';
}

/** A limit that is not there is higher than any. */
const limit: Rule<number | undefined> = (before, after) =>
  rising(before ?? Number.POSITIVE_INFINITY, after ?? Number.POSITIVE_INFINITY);

export const limitRules: Rules<Limits> = {
  processes: limit,
  memoryBytes: limit,
  cpuTimeSeconds: limit,
  wallTimeSeconds: limit,
  fileSizeBytes: limit,
  openFiles: limit,
  outputBytes: limit,
  cpus: limit,
  tmpSizeBytes: limit,
  diskBytes: limit,
};

/** Of the packets that a jail lets through. How it refuses the others makes no difference. */
const network: Rule<Network> = (before, after) => {
  if (!reaches(before, after)) return 'loosens';
  return reaches(after, before) ? 'neutral' : 'tightens';
};

/** How loose a jail is with it: chroot lacks most layers, runsc has a kernel of its own between. */
const looseness: Readonly<Record<EngineName, number>> = { runsc: 0, crun: 1, runc: 1, chroot: 2 };

const engine: Rule<EngineName | undefined> = (before, after) =>
  rising(looseness[before ?? 'crun'], looseness[after ?? 'crun']);

/** What is let go, one by one: layers that may be missing, keys that open a jail. */
const grants: Rule<readonly string[] | undefined> = (before = [], after = []) => {
  if (after.some((name) => !before.includes(name))) return 'loosens';
  return before.some((name) => !after.includes(name)) ? 'tightens' : 'neutral';
};

function labelsBy<T extends object>(rules: Rules<T>, before: T, after: T): readonly Label[] {
  const keys = Object.keys(rules) as (keyof T)[];
  return keys.map((key) => rules[key](before[key], after[key]));
}

const limits: Rule<Limits> = (before, after) => worst(labelsBy(limitRules, before, after));

export const settingsRules: Rules<JailSettings> = {
  name: neutral,
  path: neutral,
  // More users have as little as those before. What goes with one is a change of its own.
  users: neutral,
  network,
  limits,
  engine,
  // A home that stays lets a run leave something to the next one.
  home: (before, after) => rising(Number(before === 'keep'), Number(after === 'keep')),
  optional: grants,
  login: (before, after) => rising(Number(before !== 'none'), Number(after !== 'none')),
  authorizedKeys: grants,
  env: neutral,
  protect: (before, after) => rising(Number(!before), Number(!after)),
  // Without one, homes that go are gone.
  archive: (before, after) => rising(Number(before === undefined), Number(after === undefined)),
};

/** What it means that a jail has other settings than before. */
export function labelOfSettings(before: JailSettings, after: JailSettings): Label {
  return worst(labelsBy(settingsRules, before, after));
}
