import type { Conflict } from '../../model/change.ts';
import {
  loginKeysDirectory,
  sshdConfigFile,
  sshdDropInDirectory,
  sshdDropInFile,
} from '../../model/host-paths.ts';
import { ownHeader } from '../../model/own-header.ts';
import type { Reader } from '../../model/reader.ts';
import { likelyOwner } from '../likely-owner.ts';
import type { SshdSettings } from './sshd.ts';
import { loginRulesAddress } from './state.ts';

const pamFile = '/etc/pam.d/sshd';
/** Files of PAM name one another this deep at most. */
const pamDepthMax = 4;

function conflict(message: string, ...waysOut: readonly string[]): Conflict {
  return { address: loginRulesAddress, message, waysOut };
}

/**
 * Does sshd_config(5) take the files of the directory, and before any Match, whose block it would be
 * a part of?
 */
function includesDropIns(text: string): boolean {
  const global = text.split(/^\s*match\b/im)[0] ?? '';
  const patterns = [...global.matchAll(/^\s*include[\s=]+(.*)$/gim)].flatMap(([, list = '']) =>
    list.split(/\s+/).map((one) => one.replace(/^"(.*)"$/, '$1')),
  );
  const places = [`${sshdDropInDirectory}/*.conf`, 'sshd_config.d/*.conf', sshdDropInFile];
  return patterns.some((pattern) => places.includes(pattern));
}

/** Does the service's stack of PAM modules have it? Files are named by @include, include, substack. */
function stackHas(reader: Reader, file: string, module: string, depth = 0): boolean {
  const lines = (reader.readText(file) ?? '').split('\n').filter((line) => !/^\s*#/.test(line));
  if (lines.some((line) => line.includes(module))) return true;
  if (depth === pamDepthMax) return false;
  const others = lines.flatMap((line) => /\b(?:include|substack)\s+([\w-]+)/.exec(line)?.[1] ?? []);
  return others.some((name) => stackHas(reader, `/etc/pam.d/${name}`, module, depth + 1));
}

function settingsConflicts(reader: Reader, sshd: SshdSettings): readonly Conflict[] {
  if (!sshd.ok) {
    const message = `sshd does not take its configuration: ${sshd.complaint}`;
    return [
      /^Missing privilege separation directory/.test(sshd.complaint)
        ? conflict(message, 'start sshd, which makes it: systemctl start ssh')
        : conflict(message, 'mend it until `sshd -t` says nothing, then run this again'),
    ];
  }
  const found: Conflict[] = [];
  if (sshd.of('subsystem').startsWith('sftp internal-sftp')) {
    const message = 'sshd does sftp itself (internal-sftp), outside of every jail';
    found.push(
      conflict(
        message,
        `name a program in ${sshdConfigFile}: Subsystem sftp /usr/lib/openssh/sftp-server`,
      ),
    );
  }
  if (sshd.of('usepam') !== 'yes') {
    const message = 'sshd does not use PAM: logins would have no limits';
    found.push(conflict(message, `write into ${sshdConfigFile}: UsePAM yes`));
  } else if (!stackHas(reader, pamFile, 'pam_limits.so')) {
    const message = `${pamFile} has no pam_limits.so: logins would have no limits`;
    found.push(conflict(message, `add to ${pamFile}: session required pam_limits.so`));
  }
  if (sshd.of('pidfile') === 'none') {
    const message = 'sshd has no PID file: it could not be told to read what jailctl writes';
    found.push(conflict(message, `write into ${sshdConfigFile}: PidFile /run/sshd.pid`));
  }
  return found;
}

/** Names in the directory of keys that jailctl did not write. */
function strangers(reader: Reader): readonly string[] {
  const names = reader.list(loginKeysDirectory) ?? [];
  return names.filter((name) => {
    const path = `${loginKeysDirectory}/${name}`;
    const isFile = reader.lstat(path)?.type === 'file';
    return !(isFile && reader.readText(path)?.startsWith(ownHeader));
  });
}

function directoryConflicts(reader: Reader): readonly Conflict[] {
  const stat = reader.lstat(loginKeysDirectory);
  if (stat === undefined) return [];
  const owner = likelyOwner(reader, loginKeysDirectory, stat);
  if (stat.type !== 'directory' || stat.uid !== 0 || (stat.mode & 0o022) !== 0) {
    const message = `${loginKeysDirectory} is in the way: it must be a directory that only root can write to (${owner})`;
    return [conflict(message, 'move it away')];
  }
  return strangers(reader).map((name) =>
    conflict(
      `${loginKeysDirectory}/${name} is in the way: jailctl did not write it (${owner})`,
      'move it away',
    ),
  );
}

/** What is in the way of logins: other people's files, or what sshd would do for jail users. */
export function loginConflicts(
  reader: Reader,
  sshd: SshdSettings,
  isOurs: boolean,
): readonly Conflict[] {
  const stat = reader.lstat(sshdDropInFile);
  const found: Conflict[] = [];
  if (stat !== undefined && !isOurs) {
    const owner = likelyOwner(reader, sshdDropInFile, stat);
    const message = `${sshdDropInFile} is in the way: a ${stat.type} that jailctl did not write (${owner})`;
    found.push(conflict(message, 'move it away'));
  }
  if (
    reader.lstat(sshdDropInDirectory)?.type !== 'directory' ||
    !includesDropIns(reader.readText(sshdConfigFile) ?? '')
  ) {
    const message = `sshd does not read ${sshdDropInDirectory}: it would not know what jail users may do`;
    const line = `Include ${sshdDropInDirectory}/*.conf`;
    found.push(conflict(message, `make the directory, and begin ${sshdConfigFile} with: ${line}`));
  }
  return [...found, ...settingsConflicts(reader, sshd), ...directoryConflicts(reader)];
}
