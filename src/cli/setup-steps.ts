import { setupDirectory, setupRecord, setupTemporary } from '../model/host-paths.ts';
import { printable } from '../model/printable.ts';
import { recordText, type SetupRecord } from '../setup/record.ts';
import type { Context } from './context.ts';

/**
 * Runs a package manager. It may take minutes, so what it says is shown as it says it.
 * @param quietly shows nothing
 */
export function runManager(
  context: Context,
  argv: readonly [string, ...string[]],
  quietly: boolean,
): Promise<void> {
  return context.runPackageManager(argv, (line) => {
    if (!quietly) context.output.notice(`  ${printable(line)}\n`);
  });
}

/** Writes the record, or removes it where it would say nothing. */
export async function saveRecord(context: Context, record: SetupRecord): Promise<void> {
  const { reader } = context;
  if (record.packages.length > 0) {
    if (reader.lstat(setupDirectory) === undefined) {
      const owner = { mode: 0o700, uid: 0, gid: 0 };
      await context.execute({ op: 'makeDirectory', path: setupDirectory, ...owner });
    }
    const to = { path: setupRecord, temporary: setupTemporary };
    const base64 = Buffer.from(recordText(record)).toString('base64');
    await context.execute({ op: 'writeFile', to, mode: 0o600, base64 });
    return;
  }
  if (reader.lstat(setupDirectory) === undefined) return;
  for (const path of [setupTemporary, setupRecord]) {
    await context.execute({ op: 'removeTemporary', path });
  }
  await context.execute({ op: 'removeEmptyDirectory', path: setupDirectory });
}
