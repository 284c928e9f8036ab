import { type Case, rounds, sampleKey } from './case.ts';
import { inRounds } from './measure.ts';
import { type Argv, jailctlArgv, meterProgram, nodeArgv } from './program.ts';

const name = 'start';

const programs = {
  node: nodeArgv,
  version: jailctlArgv('--version'),
} satisfies Record<string, Argv>;

/** What each call of jailctl pays before it does anything. */
export const startCase: Case = {
  name,
  full: rounds(40),
  quick: rounds(10),
  measure: ({ rounds }) => {
    const contenders = Object.entries(programs).map(([name, argv]) => ({
      name,
      run: () => meterProgram(argv),
    }));
    return inRounds(contenders, rounds);
  },
  rows: [
    {
      section: 'start',
      name: '`jailctl --version`',
      unit: 'ms',
      ours: sampleKey(name, 'version'),
      floor: [sampleKey(name, 'node')],
      bounds: { timesFloor: 1.4 },
    },
  ],
};
