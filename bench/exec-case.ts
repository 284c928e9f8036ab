import { type Case, sampleKey } from './case.ts';
import { jail, nameOf, openContenders, type Runtime, runtimes } from './contenders.ts';
import { applyManifest, shell } from './manifest.ts';
import { inRounds } from './measure.ts';
import type { RowSpec } from './report/row.ts';
import { throughputContenders } from './throughput.ts';

const manifest = `
version: 1
uids: ${jail.firstUid}-${jail.firstUid + 999}
jails:
  ${jail.name}: { path: ${jail.path}, users: ${jail.users}, tools: ["true"] }
`;

/**
 * Beside controllers of version 1, crun wants no version 2. A throwaway host guards a part of its
 * procfs, and bubblewrap, as a user, may mount one only where another is wholly visible.
 */
const suit = `
if [ -d /sys/fs/cgroup/unified ]; then
  umount /sys/fs/cgroup/unified && rmdir /sys/fs/cgroup/unified || exit
fi
mkdir /run/proc && mount -t proc proc /run/proc
`;

const name = 'exec';
const key = (contender: string) => sampleKey(name, contender);
const common = { section: 'run', unit: 'ms' } as const;
const { bubblewrap, chroot, unshare } = nameOf;

function rowsOf(runtime: Runtime): readonly RowSpec[] {
  const alone = key(nameOf.alone(runtime));
  return [
    {
      ...common,
      name: `library, ${runtime}`,
      ours: key(nameOf.library(runtime)),
      floor: [alone],
      peers: {
        'bare Node': key(nameOf.bareLibrary(runtime)),
        [bubblewrap]: key(bubblewrap),
        [unshare]: key(unshare),
      },
      bounds: { overFloor: 5 },
    },
    {
      ...common,
      name: `command line, ${runtime}`,
      ours: key(nameOf.commandLine(runtime)),
      floor: [key(nameOf.node), alone],
      peers: {
        'bare Node': key(nameOf.bareCommandLine(runtime)),
        [bubblewrap]: key(bubblewrap),
        [unshare]: key(unshare),
      },
      bounds: { overFloor: 15 },
    },
  ];
}

/** What running a program in a jail costs, beside what else could run it. */
export const execCase: Case = {
  name,
  full: { rounds: 50, slowRounds: 5 },
  quick: { rounds: 8, slowRounds: 1 },
  measure: async ({ rounds, slowRounds, jobs }) => {
    await shell(suit);
    await applyManifest(manifest);
    await using contenders = await openContenders();
    const runs = await inRounds(contenders.all, rounds);
    // Each of these is many runs, so few tell as much.
    return { ...runs, ...(await inRounds(await throughputContenders(jobs), slowRounds, 1)) };
  },
  rows: [
    ...runtimes.flatMap(rowsOf),
    {
      ...common,
      name: 'command line, chroot',
      ours: key(nameOf.commandLine('chroot')),
      floor: [key(nameOf.node), key(chroot)],
    },
    {
      ...common,
      name: 'a batch, by command line',
      ours: key(nameOf.batch),
      floor: [key(nameOf.loop)],
    },
  ],
};
