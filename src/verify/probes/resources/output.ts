import type { Probe } from '../../probe.ts';
import type { InsideAnswer, Range } from '../../range.ts';
import type { Finding } from '../../verdict.ts';
import { kib, mib } from '../common.ts';
import { ending, limits, tryExcess, unless } from './bounds.ts';

const outputMax = 64 * kib;
const letter = 0x41;
const descriptors = { stdout: 1, stderr: 2 } as const;

function judge(answer: InsideAnswer, value: number): Finding {
  const { status, outputBytes, outputCut } = answer.result;
  const passed = answer.output.length;
  const isWhole = answer.output === String.fromCharCode(value).repeat(passed);
  return unless(
    `with a limit of 64 KiB: ${ending(answer)}, ${passed} bytes passed on`,
    passed !== outputMax && `${passed} bytes came through`,
    outputBytes !== passed && `the result tells of ${outputBytes} bytes`,
    !outputCut && 'the result does not say that it was cut',
    status !== 'output_limit' && `the result says ${status}`,
    !isWhole && 'it was changed on its way',
  );
}

function write(range: Range, value: number, to: keyof typeof descriptors): Promise<Finding> {
  const descriptor = String(descriptors[to]);
  return tryExcess(range, {
    control: ['write-output', String(outputMax + 1), String(value), '1'],
    attempt: ['write-output', String(4 * mib), String(value), descriptor],
    inside: { limits: limits({ output: outputMax }) },
    judge: (answer) => judge(answer, value),
  });
}

/** What lies in pipes and in streams on its way. */
const onTheWayMax = 512 * kib;

function toNobody(range: Range): Promise<Finding> {
  return tryExcess(range, {
    control: ['write-output', String(2 * onTheWayMax), String(letter)],
    attempt: ['write-output', String(16 * mib), String(letter)],
    inside: { limits: limits({ output: 32 * mib, wall_time: 1 }), takenAfterMs: 1300 },
    judge: (answer) => {
      const { status, outputBytes } = answer.result;
      return unless(
        `nobody takes it: ${ending(answer)}, ${outputBytes} bytes on the way`,
        outputBytes > onTheWayMax && 'jailctl kept it all',
        status !== 'time_limit' && `the result says ${status}`,
      );
    },
  });
}

const common = {
  severity: 'medium',
  layer: 'output',
  expected: 'ended after exactly as many bytes, of which the result tells',
  control: 'as much comes through outside the jail',
  gain: 'the memory or the disk of whoever keeps what programs write',
  remedy: 'keep `output` low: jailctl passes on no more',
} as const;

export const outputBoundProbes: readonly Probe[] = [
  {
    ...common,
    id: 'resources/endless-output',
    title: 'writes without end',
    attempt: (range) => write(range, letter, 'stdout'),
  },
  {
    ...common,
    id: 'resources/nul-output',
    title: 'writes zero bytes without end, to its standard error',
    attempt: (range) => write(range, 0, 'stderr'),
  },
  {
    ...common,
    id: 'resources/slow-reader',
    title: 'writes without end while nobody takes it',
    layer: 'wall_time',
    expected: 'it has to wait, and is ended at its wall time; little is kept for later',
    control: 'all of it comes through outside the jail, where it is taken',
    attempt: toNobody,
  },
];
