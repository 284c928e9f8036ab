import { Failure } from '../model/failure.ts';
import type { Reader } from '../model/reader.ts';

/** Labels and hashes that a security module puts on every file; they grant a tenant nothing. */
const harmless = new Set(['security.selinux', 'security.ima', 'security.evm', 'security.apparmor']);

/** getfattr(1) writes what it can't print in a name as a backslash and three octal digits. */
function unescapeName(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The path of a line that begins what getfattr(1) says of one; undefined for any other line. */
export function pathOfXattrs(line: string): string | undefined {
  return line.startsWith('# file: ') ? unescapeName(line.slice('# file: '.length)) : undefined;
}

/** What getfattr(1) said of one path, as it would say it of another. */
export function nameXattrs(output: string, path: string): string {
  const name = path.replace(/[\\\n\r]/g, (character) => {
    const digits = character.charCodeAt(0).toString(8).padStart(3, '0');
    return `\\${digits}`;
  });
  return output.replace(/^# file: .*$/m, () => `# file: ${name}`);
}

function parse(output: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let names: string[] = [];
  for (const line of output.split('\n')) {
    const path = pathOfXattrs(line);
    if (path !== undefined) {
      names = [];
      found.set(path, names);
    } else if (line !== '' && !harmless.has(line)) {
      names.push(line);
    }
  }
  return found;
}

/** Arguments of one call stay well under the kernel's limit (execve(2): 2 MiB on most hosts). */
const pathsPerCall = 2000;

/**
 * Extended attributes that matter, by path on the host. Node can't read them, and lstat(2) shows
 * neither a file capability nor an ACL.
 */
export function readXattrs(
  reader: Reader,
  paths: readonly string[],
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (let first = 0; first < paths.length; first += pathsPerCall) {
    const some = paths.slice(first, first + pathsPerCall);
    const argv = ['getfattr', '--absolute-names', '--no-dereference', '--match=-', '--'] as const;
    const { status, stdout, stderr } = reader.query([...argv, ...some]);
    if (status !== 0) throw new Failure(`can't read the extended attributes: ${stderr.trim()}`);
    for (const [path, names] of parse(stdout)) if (names.length > 0) found.set(path, names);
  }
  return found;
}
