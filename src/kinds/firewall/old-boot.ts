import type { Address } from '../../model/address.ts';
import type { Change } from '../../model/change.ts';
import type { Reader, Stat } from '../../model/reader.ts';
import type { Step } from '../../model/step.ts';

/** A file that a host without jailctl runs when it boots. Red Hat's is a link to the other one. */
const bootFiles = ['/etc/rc.local', '/etc/rc.d/rc.local'] as const;

/** Such a file with lines in it that put the rules of a jail's users back. */
export interface OldBootFile {
  readonly path: string;
  /** The lines that go, as they are. */
  readonly lines: readonly string[];
  readonly text: string;
  readonly mode: number;
}

/** Beside the file, which is renamed into place. */
export function oldBootTemporary(path: string): string {
  return `${path}.jailctl-new`;
}

export const oldBootTemporaries: readonly string[] = bootFiles.map(oldBootTemporary);

/** Of a user whose lines may go. */
export interface RuledUser {
  readonly name: string;
  readonly uid: number;
}

/** `iptables -A OUTPUT -m owner --uid-owner web1 -j DROP`, with what people put before it. */
const ruleLine =
  /^(?:sudo )?(?:(?:\/usr)?\/sbin\/)?ip6?tables (?:(?:-w|--wait) )?(?:-A|--append|-I|--insert) OUTPUT -m owner --uid-owner ([a-z0-9_-]+) -j (?:DROP|REJECT(?: --reject-with [a-z0-9-]+)?)\s*$/;

/** Is it a line that the old scripts wrote for one of these users? */
function isOldLine(line: string, users: readonly RuledUser[]): boolean {
  const owner = ruleLine.exec(line)?.[1];
  return users.some(({ name, uid }) => owner === name || owner === String(uid));
}

/**
 * Could a line depend on another: a branch that must not be empty, a text that is no command, a
 * line that goes on? Then nobody but a person takes one out.
 */
function isInterwoven(text: string): boolean {
  const words = /^\s*(?:if|then|else|elif|fi|for|while|until|do|done|case|esac|function)\b/m;
  return words.test(text) || /<<|(?:\\|\||&&|[({])\s*$/m.test(text);
}

function doubt(path: string, stat: Stat, text: string): string | undefined {
  if (stat.uid !== 0 || (stat.mode & 0o022) !== 0) return `others than root can write to ${path}`;
  return isInterwoven(text) ? `${path} is more than a list of commands` : undefined;
}

/** The lines of boot files that put rules of these users back, and what is left for a person. */
export function observeOldBoot(
  reader: Reader,
  users: readonly RuledUser[],
): { readonly files: readonly OldBootFile[]; readonly warnings: readonly string[] } {
  const files: OldBootFile[] = [];
  const warnings: string[] = [];
  for (const path of bootFiles) {
    const stat = reader.lstat(path);
    const text = stat?.type === 'file' ? reader.readText(path) : undefined;
    if (stat === undefined || text === undefined) continue;
    const all = text.split('\n');
    const lines = all.filter((line) => isOldLine(line, users));
    const why = doubt(path, stat, text);
    const unsure = all.filter(
      (line) =>
        /^[^#]*ip6?tables/.test(line) &&
        !lines.includes(line) &&
        users.some(({ name, uid }) => new RegExp(`--uid-owner (?:${name}|${uid})\\b`).test(line)),
    );
    const left = why === undefined ? unsure : [...unsure, ...lines];
    if (left.length > 0) {
      const because = why === undefined ? '' : `, because ${why}`;
      warnings.push(
        `left in ${path} for you to look at${because}: ${left.map((line) => line.trim()).join('; ')}`,
      );
    }
    if (lines.length > 0 && why === undefined) files.push({ path, lines, text, mode: stat.mode });
  }
  return { files, warnings };
}

export function oldBootChanges(files: readonly OldBootFile[]): readonly Change<OldBootFile>[] {
  return files.map((before) => ({
    address: `firewall${before.path}` as Address,
    action: 'delete',
    before,
    reasons: ["the fence of jailctl's takes the place of these rules"],
  }));
}

/** The file without the lines, the rest byte for byte. */
export function oldBootSteps(files: readonly OldBootFile[]): readonly Step[] {
  return files.map(({ path, lines, text, mode }) => {
    const kept = text.split('\n').filter((line) => !lines.includes(line));
    return {
      op: 'writeFile',
      to: { path, temporary: oldBootTemporary(path) },
      base64: Buffer.from(kept.join('\n')).toString('base64'),
      mode,
      expected: Buffer.from(text).toString('base64'),
    };
  });
}
