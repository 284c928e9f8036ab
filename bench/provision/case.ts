import { plural } from '../../src/model/numbers.ts';
import { type Case, type Effort, sampleKey } from '../case.ts';
import { shuffled } from '../measure.ts';
import type { RowSpec } from '../report/row.ts';
import { Recorder, type Samples } from '../sample.ts';
import { ansibleCycle } from './ansible.ts';
import { type Cycle, type Operation, operationName, operations, type Size } from './cycle.ts';
import { floorCycle } from './floor.ts';
import { jailctlCycle } from './jailctl.ts';
import { oldWayCycle } from './old-way.ts';
import { findPython } from './python.ts';

/** Ansible takes part with so few users only: it takes seconds for each. */
const ansibleUsersMax = 10;

/** From so many users on, what changes nothing is done once a round. */
const manyUsers = 10_000;

/** Has all ways to make jails of a size take turns. */
export async function measureProvision(
  size: Size,
  { rounds, slowRounds }: Omit<Effort, 'jobs'>,
): Promise<Samples> {
  const python = await findPython();
  const repeats = size.jails * size.users < manyUsers ? 3 : 1;
  const cycles: readonly Cycle[] = [jailctlCycle(size, python, repeats), floorCycle(size, python)];
  const slow: readonly Cycle[] = [
    ...(size.jails === 1 ? [oldWayCycle(size.users, python)] : []),
    ...(size.jails === 1 && size.users <= ansibleUsersMax ? [ansibleCycle(size.users)] : []),
  ];
  const recorder = new Recorder();
  for (let round = 0; round < rounds; round++) {
    for (const cycle of shuffled(round < slowRounds ? [...cycles, ...slow] : cycles)) {
      await cycle.run(recorder);
    }
  }
  return recorder.samples;
}

const titles: Readonly<Record<Operation, string>> = {
  create: 'create',
  plan: 'no-op plan',
  apply: 'no-op apply',
  grow: 'one user more',
  upgrade: 'one library upgraded',
  destroy: 'destroy',
};

/** Whether the floor is to look at the jails, to do the bare work, or both. */
const floors: Readonly<Record<Operation, 'look' | 'work' | 'both'>> = {
  create: 'work',
  plan: 'look',
  apply: 'look',
  grow: 'both',
  upgrade: 'both',
  destroy: 'work',
};

/** What jailctl must reach, by size and operation. */
const bounds: Readonly<Record<string, Partial<Record<Operation, RowSpec['bounds']>>>> = {
  '1x800': {
    create: { timesFloor: 3, timesPeer: 100 },
    plan: { timesFloor: 3 },
    destroy: { timesPeer: 50 },
  },
  '100x100': { plan: { value: 3000, peakMib: 300 } },
};

const sizeName = ({ jails, users }: Size) => `${jails}x${users}`;

function sizeTitle({ jails, users }: Size): string {
  return `${plural(jails, 'jail')} of ${plural(users, 'user')}`;
}

function rowsOf(size: Size): readonly RowSpec[] {
  const name = sizeName(size);
  return operations.map((operation) => {
    const key = (...of: Parameters<typeof operationName>) => sampleKey(name, operationName(...of));
    const look = [key('jailctl', 'node'), key('jailctl', 'find')];
    const work = key('floor', operation);
    const floorOf = { look, work: [work], both: [...look, work] };
    return {
      section: 'jails',
      name: `${titles[operation]}, ${sizeTitle(size)}`,
      unit: 'ms',
      ours: key('jailctl', operation),
      floor: floorOf[floors[operation]],
      peers: {
        'old way': key('old way', operation),
        Ansible: key('Ansible', operation),
        ...(operation === 'plan' && { 'bare Node': key('jailctl', 'reads') }),
      },
      bounds: bounds[name]?.[operation] ?? {},
    };
  });
}

/** Making, changing and removing jails of a size. */
export function provisionCase(size: Size, efforts: Pick<Case, 'full' | 'quick'>): Case {
  return {
    name: sizeName(size),
    ...efforts,
    measure: (effort) => measureProvision(size, effort),
    rows: rowsOf(size),
  };
}

/** How time and memory grow with the number of jails, when each has as many users. */
export function growthRows(small: Size, large: Size): readonly RowSpec[] {
  const factor = large.jails / small.jails;
  const title = `${small.jails} to ${large.jails} jails of ${plural(large.users, 'user')}`;
  return operations.flatMap((operation) => {
    const key = (size: Size) => sampleKey(sizeName(size), operationName('jailctl', operation));
    const row = {
      section: 'growth',
      ours: key(large),
      floor: [key(small)],
      bounds: { timesFloor: factor },
    } as const;
    return [
      { ...row, name: `${titles[operation]}, ${title}`, unit: 'ms' },
      { ...row, name: `${titles[operation]}, memory, ${title}`, unit: 'MiB', compares: 'peak_mib' },
    ];
  });
}
