import { Recorder, type Sample, type Samples } from './sample.ts';

/** One of several that take turns. */
export interface Contender {
  readonly name: string;
  /** Runs it once, to its end. */
  run(): Promise<Sample>;
}

/** In an order that nobody can foresee. */
export function shuffled<T>(items: readonly T[]): T[] {
  const order = items.map((item) => ({ item, key: Math.random() }));
  return order.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/**
 * Runs every contender once a round, so that a machine that gets slower or faster does so for all
 * of them. The order changes from round to round: nobody always runs after the same one, whose
 * namespaces the kernel may still be taking down.
 * @param warmUps rounds before, which do not count: files get into memory, and code gets compiled
 */
export async function inRounds(
  contenders: readonly Contender[],
  rounds: number,
  warmUps = 2,
): Promise<Samples> {
  const recorder = new Recorder();
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, run } of round < 0 ? contenders : shuffled(contenders)) {
      const sample = await run();
      if (round >= 0) recorder.add(name, sample);
    }
  }
  return recorder.samples;
}
