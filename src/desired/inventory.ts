import type { TreeEntry } from '../kinds/tree/entry.ts';
import type { Inventory, InventoryFile } from '../model/inventory.ts';
import type { Reader } from '../model/reader.ts';
import { sha256 } from '../model/sha256.ts';
import type { Closure } from './closure/closure.ts';
import { packageOwners } from './package-owners.ts';
import type { OwnEntry } from './tree.ts';

type FileEntry = Extract<TreeEntry, { type: 'file' }>;

/** These hold the UIDs of the jail's users, which are chosen when the jail is made. */
const withUids = ['/etc/passwd', '/etc/group'];

function digest(reader: Reader, { source }: FileEntry): string {
  if (source.from === 'host') return reader.digest(source.path);
  return sha256(Buffer.from(source.base64, 'base64'));
}

/**
 * The regular files of a jail, with their content and where they come from.
 * @param own what jailctl makes itself; it takes the place of what a tool brings
 */
export function inventory(
  reader: Reader,
  jail: string,
  closure: Closure,
  own: readonly OwnEntry[],
): Inventory {
  const tools = [...closure.entries].map(([path, { entry }]) => [path, entry] as const);
  const entries = new Map<string, TreeEntry>([...tools, ...own]);
  const files = [...entries].flatMap(([path, entry]) =>
    entry.type === 'file' ? [[path, entry] as const] : [],
  );
  const owners = packageOwners(
    reader,
    files.flatMap(([, { source }]) => (source.from === 'host' ? [source.path] : [])),
  );
  const described = files.map(([path, entry]): InventoryFile => {
    const { source } = entry;
    const owner = source.from === 'host' ? owners.get(source.path) : undefined;
    return {
      path,
      madeByJailctl: source.from === 'jailctl',
      ...(!withUids.includes(path) && { sha256: digest(reader, entry) }),
      ...(owner && { package: owner }),
    };
  });
  return { jail, files: described.sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
