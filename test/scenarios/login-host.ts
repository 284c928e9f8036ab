import type { CommandResult, RunningCommand } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { installSshd } from '../rig/sshd.ts';
import { shell } from './jails.ts';

/** Of a careless administrator: whatever sshd can do for a user, it does. */
const sshdConfig = `
Include /etc/ssh/sshd_config.d/*.conf
UsePAM yes
TrustedUserCAKeys /etc/ssh/authority.pub
AuthorizedKeysCommand /etc/ssh/vouch
AuthorizedKeysCommandUser nobody
PasswordAuthentication yes
KbdInteractiveAuthentication no
AllowTcpForwarding yes
AllowStreamLocalForwarding yes
AllowAgentForwarding yes
GatewayPorts yes
PermitTunnel yes
PermitUserEnvironment yes
PermitUserRC yes
X11Forwarding yes
Subsystem sftp /usr/lib/openssh/sftp-server
`;

const keyFile = '/root/login';
/** Of a tenant, who is not to get in with it. */
const otherKeyFile = '/root/planted';

/** A throwaway host with a running sshd, and programs that log in to it over loopback. */
export interface LoginHost extends TestHost {
  /** The public key that the manifests of these tests have, and another one. */
  readonly key: string;
  readonly otherKey: string;
  /** Runs ssh(1) as root: `args` are options, then perhaps a command. */
  ssh(user: string, args: readonly string[], options?: { key?: string }): Promise<CommandResult>;
  /** Starts it. */
  startSsh(user: string, args: readonly string[]): RunningCommand;
  /** What a command printed on both streams, and its exit code when that is not 0. */
  says(user: string, command: string): Promise<string>;
  /** Runs sftp(1) with these commands. */
  sftp(user: string, commands: string, options?: { key?: string }): Promise<CommandResult>;
}

const options = (key: string) => [
  ...['-F', 'none', '-i', key, '-o', 'BatchMode=yes', '-o', 'IdentitiesOnly=yes'],
  ...['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'],
  ...['-o', 'LogLevel=ERROR'],
];

/**
 * Besides jail users there is `ann`, an ordinary account with the same key, for whom sshd does all
 * that it shall not do for jail users.
 */
export async function loginHost(): Promise<LoginHost> {
  const host = await testHost({ cgroups: true });
  await installSshd(host);
  await host.write('/etc/ssh/sshd_config', sshdConfig);
  await shell(
    host,
    `ip link set lo up
     rm -rf /etc/ssh/sshd_config.d; mkdir -p /run/sshd /etc/ssh/sshd_config.d; ssh-keygen -q -A
     ssh-keygen -q -t ed25519 -N '' -C login -f ${keyFile}
     ssh-keygen -q -t ed25519 -N '' -C planted -f ${otherKeyFile}
     ssh-keygen -q -t ed25519 -N '' -f /root/certified
     ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/authority
     useradd --create-home --shell /bin/bash ann; mkdir --mode=0700 ~ann/.ssh
     cp ${keyFile}.pub ~ann/.ssh/authorized_keys; chown -R ann:ann ~ann/.ssh
     /usr/sbin/sshd -E /run/sshd.log
     until test -s /run/sshd.pid; do :; done`,
  );
  const login = (user: string) => `${user}@127.0.0.1`;
  const argv = (user: string, args: readonly string[], key: string) => {
    // Options stand before the host, and a command after it.
    const command = args.indexOf('--');
    const [before, after] =
      command === -1 ? [args, []] : [args.slice(0, command), args.slice(command + 1)];
    return ['ssh', ...options(key), ...before, login(user), ...after] as const;
  };
  const ssh: LoginHost['ssh'] = (user, args, { key = keyFile } = {}) =>
    host.run(argv(user, args, key), { timeoutMs: 20_000 });
  return {
    ...host,
    key: (await host.read(`${keyFile}.pub`)).trim(),
    otherKey: (await host.read(`${otherKeyFile}.pub`)).trim(),
    ssh,
    startSsh: (user, args) => host.spawn(argv(user, args, keyFile)),
    says: async (user, command) => {
      const { exitCode, stdout, stderr } = await ssh(user, ['--', command]);
      return `${stdout}${stderr}${exitCode === 0 ? '' : `ended with ${exitCode}`}`;
    },
    sftp: (user, commands, { key = keyFile } = {}) =>
      host.run(['sftp', ...options(key), '-b', '-', login(user)], { input: commands }),
  };
}

export { keyFile, otherKeyFile };
