import { closeSync, existsSync, fsyncSync, lstatSync, openSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { makeDirectories } from './make-directories.ts';
import { findCommand } from './path.ts';
import { outsideJails } from './tenant-path.ts';
import { digestOfOutput, runTool } from './tool.ts';

/** Programs that compress, the better one first, with what the name of the archive ends in. */
const compressors = [
  { program: 'zstd', suffix: 'tar.zst' },
  { program: 'gzip', suffix: 'tar.gz' },
] as const;

/** Makes the directory where there is none. @throws Failure for one that others can write to */
function requireArchive(directory: string): string {
  const { path } = outsideJails(directory);
  makeDirectories(path, 0o700);
  const stat = lstatSync(path);
  if (stat.isDirectory() && stat.uid === 0 && (stat.mode & 0o022) === 0) return path;
  throw new Failure(`${path} is not a directory that only root can write to`, {
    exitCode: exitCode.refused,
    hint: `name another one, or: chown root ${path} && chmod go-w ${path}`,
  });
}

function requireCompressor(): (typeof compressors)[number] {
  const found = compressors.find(({ program }) => findCommand(program) !== undefined);
  if (found !== undefined) return found;
  throw new Failure('the host has neither zstd nor gzip to archive homes with', {
    exitCode: exitCode.missing,
    hint: 'install one of them',
  });
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** `20261126T201500Z` */
function stamp(now: Date): string {
  return now.toISOString().replace(/\.\d+/, '').replaceAll(/[-:]/g, '');
}

/** A run that was killed between the archive and the home may have made one in the same second. */
function freeName(beginning: string, suffix: string): string {
  for (let number = 1; ; number++) {
    const path = `${beginning}${number === 1 ? '' : `-${number}`}.${suffix}`;
    if (!existsSync(path)) return path;
  }
}

/**
 * Reads the home a second time. Not by `tar --compare`, which opens whole paths: a tree deeper than
 * the kernel takes (PATH_MAX) would keep its jail from ever being destroyed.
 */
async function compare(
  tar: readonly [string, ...string[]],
  decompress: readonly [string, ...string[]],
): Promise<void> {
  const [home, archive] = [await digestOfOutput(tar), await digestOfOutput(decompress)];
  if (home !== archive) throw new Failure('the archive does not hold what the home holds');
}

/**
 * Writes a home into a compressed tar archive, compares the two, and only then gives the archive its
 * name: `NAME-TIME.tar.zst`, mode 0600. tar(1) walks by descriptor and follows no link; sockets are left out.
 * The processes of its user have ended before.
 * @param home its path on the host
 * @param directory on the host; made where there is none
 * @throws Failure when something of it could not be kept: then the home must stay
 */
export async function archiveHome(home: string, directory: string, name: string): Promise<void> {
  const { program, suffix } = requireCompressor();
  const place = requireArchive(directory);
  const final = freeName(`${place}/${name}-${stamp(new Date())}`, suffix);
  // What a killed run left has the same name, and is removed.
  const partial = `${place}/.${name}.partial`;
  const flags = ['--one-file-system', '--numeric-owner', '--sparse', '--warning=no-file-ignored'];
  const what = ['--directory', dirname(home), '--', basename(home)];
  const tar = (...to: readonly string[]) => ['tar', '--create', ...flags, ...to, ...what] as const;
  try {
    rmSync(partial, { force: true });
    // Its mode is right from the beginning: tar opens what is there.
    closeSync(openSync(partial, 'wx', 0o600));
    await runTool(tar(`--use-compress-program=${program}`, `--file=${partial}`));
    await compare(tar('--file=-'), [program, '--decompress', '--stdout', '--', partial]);
    flush(partial);
    renameSync(partial, final);
    flush(place);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}
