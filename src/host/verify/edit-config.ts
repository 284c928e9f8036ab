import type { ConfigEdit } from '../../verify/mutation.ts';

/** The configuration is not as an edit expects. */
export class UnfitError extends Error {
  override readonly name = 'UnfitError';
}

type Tree = Record<string, unknown>;

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** The object or list that holds what a path names, and under which key. */
function placeOf(config: Tree, path: string): { readonly holder: Tree; readonly key: string } {
  const parts = path.split('.');
  const key = parts.pop() as string;
  let holder: unknown = config;
  for (const part of parts) holder = (holder as Tree)[part] ?? {};
  if (typeof holder !== 'object' || Object.keys(holder as Tree).length === 0) {
    throw new UnfitError(`the configuration has nothing that could hold ${path}`);
  }
  return { holder: holder as Tree, key };
}

function listAt(config: Tree, path: string): unknown[] {
  const { holder, key } = placeOf(config, path);
  const list = holder[key];
  if (!Array.isArray(list)) throw new UnfitError(`the configuration has no list ${path}`);
  return list;
}

function edit(config: Tree, one: ConfigEdit): void {
  if ('remove' in one) {
    const { holder, key } = placeOf(config, one.remove);
    if (!(key in holder)) throw new UnfitError(`the configuration has no ${one.remove}`);
    delete holder[key];
    return;
  }
  if ('set' in one) {
    const { holder, key } = placeOf(config, one.set);
    if (isSame(holder[key], one.value)) {
      throw new UnfitError(
        `in the configuration, ${one.set} is ${JSON.stringify(one.value)} already`,
      );
    }
    holder[key] = one.value;
    return;
  }
  if ('append' in one) {
    listAt(config, one.append).push(one.value);
    return;
  }
  const list = listAt(config, one.removeFrom);
  const left = list.filter((element) => !isSame((element as Tree)[one.key], one.value));
  if (left.length === list.length) {
    throw new UnfitError(
      `in the configuration, no element of ${one.removeFrom} has ${one.key} ${JSON.stringify(one.value)}`,
    );
  }
  list.splice(0, list.length, ...left);
}

/**
 * Changes the configuration of a run (the OCI runtime specification's config.json).
 * @returns a changed copy
 * @throws UnfitError for an edit that changes nothing: it takes no layer away, and whoever looks for
 *   the difference would look for nothing
 */
export function editConfig<Config extends object>(
  config: Config,
  edits: readonly ConfigEdit[],
): Config {
  const copy = structuredClone(config);
  for (const one of edits) edit(copy as unknown as Tree, one);
  return copy;
}
