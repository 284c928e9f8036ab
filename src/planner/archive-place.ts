import { untrustedAncestor } from '../kinds/untrusted.ts';
import type { Conflict } from '../model/change.ts';
import { below, parentOf } from '../model/host-paths.ts';
import type { Plan } from '../model/plan.ts';
import type { Reader } from '../model/reader.ts';
import { doomedHome } from './doomed-home.ts';

/** Where a jail is. */
interface Place {
  readonly name: string;
  readonly path: string;
}

/** What is wrong with a directory for archives; undefined for a good one, or one to be made. */
function faultOf(reader: Reader, directory: string, jails: readonly Place[]): string | undefined {
  const jail = jails.find(({ path }) => directory === path || directory.startsWith(`${path}/`));
  if (jail !== undefined) return `it is in the jail ${jail.name}`;
  let there = directory;
  while (reader.lstat(there) === undefined && there !== '/') there = parentOf(there);
  return untrustedAncestor(reader, below(there, '/archive'));
}

const toolsWanted = [['tar'], ['zstd', 'gzip']] as const;

/**
 * What is in the way of keeping homes. The executor looks again, but only when the accounts have
 * gone already: here, nothing has been changed yet.
 * @param jails those of this host
 */
export function archiveConflicts(
  reader: Reader,
  plan: Plan,
  jails: readonly Place[],
): readonly Conflict[] {
  return plan.stages.flatMap((stage) => {
    const step = stage.steps.find(({ op }) => op === 'archiveHome');
    if (step?.op !== 'archiveHome') return [];
    const { directory } = step;
    const change = stage.changes.find((one) => doomedHome(one) !== undefined);
    if (change?.jail === undefined) return [];
    const common = { address: change.address, jail: change.jail };
    const fault = faultOf(reader, directory, jails);
    const missing = toolsWanted.filter((some) => !some.some((tool) => reader.which(tool)));
    return [
      ...missing.map((some) => ({
        ...common,
        message: `the host has no ${some.join(' and no ')} to archive homes with`,
        waysOut: [`install ${some[0]}`, 'or keep no homes: --no-archive'],
      })),
      ...(fault === undefined
        ? []
        : [
            {
              ...common,
              message: `${directory} is no safe place for the homes of jail ${change.jail}: ${fault}`,
              waysOut: [
                'name a directory, by a path without links, that only root can write to: --archive DIRECTORY',
                'or keep no homes: --no-archive',
              ],
            },
          ]),
    ];
  });
}
