import type { Contender } from './contenders.ts';

/** Milliseconds of each run, by the name of the contender. */
export type Times = Readonly<Record<string, readonly number[]>>;

/** Rounds that do not count: files get into memory, and code gets compiled. */
const warmUps = 2;

function shuffled<T>(items: readonly T[]): T[] {
  const order = items.map((item) => ({ item, key: Math.random() }));
  return order.sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/**
 * Runs every contender once a round, so that a machine that gets slower or faster does so for all
 * of them. The order changes from round to round: nobody always runs after the same one, whose
 * namespaces the kernel may still be taking down.
 */
export async function inRounds(contenders: readonly Contender[], rounds: number): Promise<Times> {
  const times: Record<string, number[]> = {};
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, run } of round < 0 ? contenders : shuffled(contenders)) {
      const milliseconds = await run();
      times[name] ??= [];
      if (round >= 0) times[name].push(milliseconds);
    }
  }
  return times;
}
