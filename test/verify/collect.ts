/** Everything that comes, in a list. */
export async function collect<T>(all: AsyncIterable<T>): Promise<readonly T[]> {
  const items: T[] = [];
  for await (const item of all) items.push(item);
  return items;
}
