import { nameOf, type Runtime, runtimes } from './contenders.ts';
import type { Times } from './measure.ts';

/** Of the runs of one contender, in milliseconds. */
export interface Summary {
  readonly name: string;
  readonly median_ms: number;
  readonly min_ms: number;
  readonly max_ms: number;
}

/** How many times as long something takes, by medians; the aim is a number not to exceed. */
export interface Ratio {
  readonly name: string;
  readonly ratio: number;
  readonly aim?: number;
}

/** The document of --json. */
export interface Report {
  readonly rounds: number;
  readonly runs: readonly Summary[];
  readonly ratios: readonly Ratio[];
  readonly batches: readonly (Summary & { readonly runs_per_second: number })[];
}

const rounded = (value: number, digits: number) => Number(value.toFixed(digits));

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1] ?? 0, sorted[Math.floor(middle)] ?? 0];
  return (low + high) / 2;
}

function summarise(times: Times): readonly Summary[] {
  return Object.entries(times).map(([name, values]) => ({
    name,
    median_ms: rounded(median(values), 2),
    min_ms: rounded(Math.min(...values), 2),
    max_ms: rounded(Math.max(...values), 2),
  }));
}

/** Only those whose contenders took part. */
function ratiosOf(runs: readonly Summary[]): readonly Ratio[] {
  const at = (name: string) => runs.find((one) => one.name === name)?.median_ms ?? Number.NaN;
  const ofRuntime = (runtime: Runtime): readonly Ratio[] => {
    const alone = at(nameOf.alone(runtime));
    const library = at(nameOf.library(runtime));
    const commandLine = at(nameOf.commandLine(runtime));
    const { node, bubblewrap } = nameOf;
    return [
      { name: `library / ${runtime} alone`, ratio: library / alone, aim: 1.2 },
      {
        name: `jailctl exec / (node -e 0 + ${runtime} alone)`,
        ratio: commandLine / (at(node) + alone),
        aim: 1.2,
      },
      { name: `library, ${runtime} / bubblewrap`, ratio: library / at(bubblewrap) },
    ];
  };
  return runtimes
    .flatMap(ofRuntime)
    .filter(({ ratio }) => !Number.isNaN(ratio))
    .map((one) => ({ ...one, ratio: rounded(one.ratio, 3) }));
}

/** @param jobs how many programs a batch ran */
export function report(runs: Times, batches: Times, rounds: number, jobs: number): Report {
  const summaries = summarise(runs);
  return {
    rounds,
    runs: summaries,
    ratios: ratiosOf(summaries),
    batches: summarise(batches).map((one) => ({
      ...one,
      runs_per_second: rounded((jobs * 1000) / one.median_ms, 1),
    })),
  };
}

const nameWidth = 46;

function row(name: string, ...cells: readonly string[]): string {
  return [name.padEnd(nameWidth), ...cells.map((cell) => cell.padStart(10))].join(' ').trimEnd();
}

/** The same for a person, at most 80 columns wide. */
export function reportText({ rounds, runs, ratios, batches }: Report): string {
  const ms = (value: number) => value.toFixed(1);
  return [
    row(`one program, milliseconds (${rounds} rounds)`, 'median', 'min', 'max'),
    ...runs.map((one) => row(one.name, ms(one.median_ms), ms(one.min_ms), ms(one.max_ms))),
    '',
    row('ratio of medians', 'ratio', 'aim'),
    ...ratios.map(({ name, ratio, aim }) =>
      row(name, ratio.toFixed(2), aim === undefined ? '' : `≤ ${aim}`),
    ),
    '',
    row('many programs', 'per second'),
    ...batches.map((one) => row(one.name, one.runs_per_second.toFixed(1))),
    '',
  ].join('\n');
}
