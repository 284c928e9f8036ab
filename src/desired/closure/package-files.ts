import type { Reader } from '../../model/reader.ts';

/** How each package manager lists an installed package's files, one a line. */
const managers = [
  { tool: 'dpkg-query', argv: ['dpkg-query', '--listfiles', '--'] },
  { tool: 'rpm', argv: ['rpm', '--query', '--list', '--'] },
] as const;

export type PackageFiles =
  | { readonly installed: true; readonly paths: readonly string[] }
  | { readonly installed: false; readonly why: string };

/**
 * The files and directories of an installed package. A host may have both managers (alien), so
 * each that is there is asked.
 */
export function packageFiles(reader: Reader, name: string): PackageFiles {
  const present = managers.filter(({ tool }) => reader.which(tool) !== undefined);
  if (present.length === 0) {
    return { installed: false, why: 'this host has neither dpkg nor rpm to ask' };
  }
  for (const { argv } of present) {
    const { status, stdout } = reader.query([...argv, name]);
    // Other lines tell about diversions: `diverted by dash to: /bin/sh.distrib`.
    const paths = stdout.split('\n').filter((line) => line.startsWith('/') && line !== '/.');
    if (status === 0) return { installed: true, paths };
  }
  return { installed: false, why: 'it is not installed on this host' };
}
