import type { Address } from '../../model/address.ts';
import { loginKeysDirectory, loginKeysFile, sshdDropInFile } from '../../model/host-paths.ts';
import { ownHeader } from '../../model/own-header.ts';
import type { Reader } from '../../model/reader.ts';
import type { Observed } from '../kind.ts';
import { loginConflicts } from './conflicts.ts';
import { isUnread, readSshd, type SshdSettings } from './sshd.ts';
import {
  type LoginKeys,
  type LoginRules,
  type Logins,
  loginKeysAddress,
  loginRulesAddress,
} from './state.ts';

/** The text of a file that jailctl wrote; undefined for anything else. */
function ownText(reader: Reader, path: string): string | undefined {
  const text = reader.lstat(path)?.type === 'file' ? reader.readText(path) : undefined;
  return text?.startsWith(ownHeader) === true ? text : undefined;
}

function rulesFaults(
  reader: Reader,
  sshd: SshdSettings | undefined,
  wanted: LoginRules | undefined,
): readonly string[] {
  if (sshd?.ok !== true || wanted === undefined) return [];
  const changedMs = reader.lstat(sshdDropInFile)?.ctimeMs ?? 0;
  const unread = isUnread(reader, sshd.of('pidfile'), changedMs);
  return [
    ...(unread ? ['sshd has not read it yet'] : []),
    ...wanted.effective
      .filter((line) => !sshd.lines.includes(line))
      .map((line) => {
        const keyword = line.split(' ')[0] ?? '';
        return `sshd has ${keyword} ${sshd.of(keyword)} for ${wanted.user}, wanted ${line}`;
      }),
  ];
}

function observeKeys(reader: Reader): readonly LoginKeys[] {
  return (reader.list(loginKeysDirectory) ?? []).flatMap((jail) => {
    const path = loginKeysFile(jail);
    const text = ownText(reader, path);
    if (text === undefined) return [];
    const stat = reader.lstat(path);
    const isClosed = stat?.uid === 0 && (stat.mode & 0o022) === 0 && (stat.mode & 0o004) !== 0;
    const fault = `${path} must be root's, with mode 0644`;
    return [{ type: 'keys', jail, text, ...(isClosed ? {} : { fault }) } as const];
  });
}

/** Without logins, neither wanted nor there, nothing is asked and nobody's files are looked at. */
export function observeLogins(
  reader: Reader,
  desired: ReadonlyMap<Address, Logins>,
): Observed<Logins> {
  const resources = new Map<Address, Logins>();
  const wanted = desired.get(loginRulesAddress) as LoginRules | undefined;
  const text = ownText(reader, sshdDropInFile);
  if (wanted === undefined && text === undefined) return { resources, conflicts: [], warnings: [] };
  const sshd = wanted && readSshd(reader, wanted.user);
  if (text !== undefined) {
    resources.set(loginRulesAddress, {
      type: 'sshd',
      text,
      user: wanted?.user ?? 'root',
      effective: [],
      hasDirectory: reader.lstat(loginKeysDirectory)?.type === 'directory',
      faults: rulesFaults(reader, sshd, wanted),
    });
  }
  for (const keys of observeKeys(reader)) resources.set(loginKeysAddress(keys.jail), keys);
  const conflicts = sshd === undefined ? [] : loginConflicts(reader, sshd, text !== undefined);
  return { resources, conflicts, warnings: [] };
}
