import { Failure } from '../../model/failure.ts';
import type { Reader } from '../../model/reader.ts';
import type { Argv, PackageState } from '../package-manager.ts';

/** Of RPM's two package managers. A key that came with a repository is no package to remove. */
export function readRpmState(reader: Reader): ReadonlyMap<string, PackageState> {
  const argv = ['rpm', '--query', '--all', '--queryformat', '%{NAME}\n'] as const;
  const { status, stdout, stderr } = reader.query(argv);
  if (status !== 0) throw new Failure(`rpm failed: ${stderr.trim()}`);
  const names = stdout.split('\n').filter((name) => name !== '' && name !== 'gpg-pubkey');
  return new Map(names.map((name) => [name, 'installed']));
}

/** Not dnf or zypper, which remove what needs these as well: rpm(8) refuses. */
export function eraseRpms(names: readonly string[]): Argv {
  return ['rpm', '--erase', '--', ...names];
}
