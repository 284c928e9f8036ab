import { type Case, rounds } from './case.ts';
import { diskCase } from './disk-case.ts';
import { execCase } from './exec-case.ts';
import { packetsCase } from './packets-case.ts';
import { growthRows, provisionCase } from './provision/case.ts';
import type { RowSpec } from './report/row.ts';
import { startCase } from './start-case.ts';

/** In the order in which they are measured. The last size is far beyond the others. */
export const cases: readonly Case[] = [
  startCase,
  execCase,
  provisionCase(
    { jails: 1, users: 10 },
    { full: { rounds: 5, slowRounds: 2 }, quick: { rounds: 2, slowRounds: 1 } },
  ),
  provisionCase(
    { jails: 1, users: 100 },
    { full: { rounds: 5, slowRounds: 2 }, quick: { rounds: 2, slowRounds: 1 } },
  ),
  provisionCase({ jails: 1, users: 800 }, { full: { rounds: 5, slowRounds: 2 }, quick: rounds(2) }),
  provisionCase({ jails: 10, users: 100 }, { full: rounds(4), quick: rounds(1) }),
  provisionCase({ jails: 100, users: 1 }, { full: rounds(3), quick: rounds(1) }),
  provisionCase({ jails: 100, users: 100 }, { full: rounds(2), quick: rounds(0) }),
  provisionCase({ jails: 1, users: 10_000 }, { full: rounds(1), quick: rounds(0) }),
  diskCase('ext4'),
  diskCase('xfs'),
  diskCase('btrfs'),
  packetsCase,
];

const jailsOf100 = (jails: number) => ({ jails, users: 100 });

/** What is made of the samples of all cases. */
export const rowSpecs: readonly RowSpec[] = [
  ...cases.flatMap(({ rows }) => rows),
  ...growthRows(jailsOf100(1), jailsOf100(10)),
  ...growthRows(jailsOf100(1), jailsOf100(100)),
];
