import type { DoomedHome, TreeNode } from '../kinds/tree/node.ts';
import type { Change } from '../model/change.ts';

/** The home that a change deletes; undefined when it does something else. */
export function doomedHome(
  change: Change<unknown>,
): (TreeNode & { readonly entry: DoomedHome }) | undefined {
  if (change.action !== 'delete' || !change.address.startsWith('tree/')) return undefined;
  const node = change.before as TreeNode;
  return node.entry.type === 'doomed-home' ? { ...node, entry: node.entry } : undefined;
}
