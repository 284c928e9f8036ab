import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { nearest } from '../model/nearest.ts';
import { groupNames, groupOf, type Probe } from './probe.ts';

/** @throws Failure with exit code 3 for a word that is neither a probe nor a group */
function named(probes: readonly Probe[], words: readonly string[]): ReadonlySet<Probe> {
  const all = words.flatMap((word) => word.split(',')).filter((word) => word !== '');
  const found = all.map((word) => {
    const some = probes.filter((probe) => probe.id === word || groupOf(probe) === word);
    if (some.length > 0) return some;
    const near = nearest(word, [...groupNames, ...probes.map(({ id }) => id)]);
    throw new Failure(`there is no probe ${word}`, {
      exitCode: exitCode.usage,
      hint: near === undefined ? 'jailctl verify --list shows them' : `did you mean ${near}?`,
    });
  });
  return new Set(found.flat());
}

/**
 * The probes that are wanted, in their order.
 * @param only ids and groups, also several with commas; none: all
 * @throws Failure with exit code 3 for an unknown one, and when none is left
 */
export function selectProbes(
  probes: readonly Probe[],
  only: readonly string[],
  skip: readonly string[],
): readonly Probe[] {
  const [wanted, unwanted] = [named(probes, only), named(probes, skip)];
  const left = probes.filter(
    (probe) => (only.length === 0 || wanted.has(probe)) && !unwanted.has(probe),
  );
  if (left.length > 0) return left;
  throw new Failure('no probe is left to try', {
    exitCode: exitCode.usage,
    hint: 'jailctl verify --list shows them',
  });
}
