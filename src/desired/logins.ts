import { readSshd, sftpServer } from '../kinds/login/sshd.ts';
import { type Logins, loginKeysAddress, loginRulesAddress } from '../kinds/login/state.ts';
import type { Address } from '../model/address.ts';
import type { Diagnostic } from '../model/diagnostic.ts';
import { chrootShell, loginKeysFile, loginLimitsDirectory } from '../model/host-paths.ts';
import type { ManifestJail, ToolRequest } from '../model/manifest.ts';
import { ownHeader } from '../model/own-header.ts';
import type { Reader } from '../model/reader.ts';
import type { JailSettings } from '../model/settings.ts';

/**
 * What holds for every jail user, whether it may log in or not. sshd does all of this itself, with
 * the user's rights but outside of the jail, before or without the shell that leads into it:
 * forwarding, and programs that the user or an earlier line of the configuration names. The one key
 * file is root's: what a tenant writes into its home lets nobody in.
 */
const rules = [
  'PubkeyAuthentication yes',
  'AuthenticationMethods publickey',
  'AuthorizedKeysCommand none',
  'TrustedUserCAKeys none',
  'DisableForwarding yes',
  'PermitTunnel no',
  'PermitUserRC no',
  'ForceCommand none',
  'ChrootDirectory none',
];

function opens(jail: JailSettings): boolean {
  return jail.login === 'chroot' && jail.users.length > 0;
}

function namesOf(jails: readonly JailSettings[]): string {
  return jails.flatMap(({ users }) => users.map(({ name }) => name)).join(',');
}

function keysLine(jail: JailSettings): string {
  return `AuthorizedKeysFile ${loginKeysFile(jail.name)}`;
}

/**
 * All jail users are in it, so that no change of one jail opens another. For each keyword the first
 * block counts that a user is in (sshd_config(5), Match); the last one ends the others.
 */
function rulesText(jails: readonly JailSettings[]): string {
  const block = (users: string, lines: readonly string[]) => [
    `Match User ${users}`,
    ...lines.map((line) => `  ${line}`),
  ];
  const lines = [
    ownHeader,
    ...jails.filter(opens).flatMap((jail) => block(namesOf([jail]), [keysLine(jail)])),
    ...block(namesOf(jails), ['AuthorizedKeysFile none', ...rules]),
    'Match all',
  ];
  return `${lines.join('\n')}\n`;
}

/** As `sshd -T` prints a line. */
function printed(line: string): string {
  return line.replace(/^\S+/, (keyword) => keyword.toLowerCase());
}

/** What logins need besides accounts and limits; nothing where no jail has any. */
export function desiredLogins(jails: readonly JailSettings[]): ReadonlyMap<Address, Logins> {
  const logins = new Map<Address, Logins>();
  const open = jails.filter(opens);
  const [first] = open;
  const [user] = first?.users ?? [];
  if (first === undefined || user === undefined) return logins;
  logins.set(loginRulesAddress, {
    type: 'sshd',
    text: rulesText(jails),
    user: user.name,
    effective: [keysLine(first), ...rules].map(printed),
    hasDirectory: false,
    faults: [],
  });
  for (const { name, authorizedKeys = [] } of open) {
    const text = `${[ownHeader, ...authorizedKeys].join('\n')}\n`;
    logins.set(loginKeysAddress(name), { type: 'keys', jail: name, text });
  }
  return logins;
}

/** What logins need of the host, where a jail of the manifest has them and the host has it not. */
export function loginDiagnostics(
  reader: Reader,
  jails: readonly ManifestJail[],
  hasLimits: boolean,
): readonly Diagnostic[] {
  return jails.flatMap((jail) => {
    if (jail.login !== 'chroot') return [];
    const lacks = (what: string, hint: string): Diagnostic => ({
      code: 'login-needs',
      message: `jail "${jail.name}" has login: chroot, and this host has no ${what}`,
      hint,
      at: jail.loginAt ?? jail.at,
    });
    return [
      ...(reader.which('sshd') ? [] : [lacks('sshd', 'apt-get install openssh-server')]),
      ...(reader.lstat(chrootShell)?.type === 'file'
        ? []
        : [lacks(chrootShell, 'install Jailkit: apt-get install jailkit')]),
      ...(hasLimits
        ? []
        : [lacks(loginLimitsDirectory, 'its PAM must read limits from there: pam_limits(8)')]),
    ];
  });
}

/** What a jail with logins has besides its tools: a shell, and the program that sshd starts for sftp. */
export function loginTools(reader: Reader, jail: ManifestJail): readonly ToolRequest[] {
  if (jail.login !== 'chroot' || reader.which('sshd') === undefined) return [];
  const request = { optional: false, leaveOut: false, at: jail.loginAt ?? jail.at };
  const sftp = sftpServer(readSshd(reader, `${jail.name}1`));
  return [
    { ...request, entry: 'sh' },
    ...(sftp === undefined ? [] : [{ ...request, entry: sftp }]),
  ];
}

/**
 * Plain chroot(2) holds one tenant. Two who log in to different jails can leave both: one gives the
 * other a descriptor of its `/` by an abstract unix socket, and that one goes there and up.
 */
export function loginWarnings(jails: readonly JailSettings[]): readonly string[] {
  const names = jails.filter(opens).map(({ name }) => name);
  if (names.length < 2) return [];
  return [
    `tenants who log in to ${names.join(' and ')} can help one another out of their jails: a login is held by chroot alone; let them in to one jail only, unless they trust one another`,
  ];
}
