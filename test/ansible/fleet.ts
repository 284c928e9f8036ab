import { fileURLToPath } from 'node:url';
import packageJson from '../../package.json' with { type: 'json' };
import type { CommandResult } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { installSshd } from '../rig/sshd.ts';
import { link, nodeAddress } from './network.ts';

export const projectPath = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');

/** On the controller: everything that Ansible reads and writes. */
export const home = '/root/fleet';
export const hostNames = ['one', 'two', 'three'] as const;
export type HostName = (typeof hostNames)[number];

/** What became of a host in a run of ansible-playbook: the numbers of its recap. */
export interface Recap {
  readonly ok: number;
  readonly changed: number;
  readonly failed: number;
  readonly unreachable: number;
}

export interface Played extends CommandResult {
  readonly recap: Readonly<Record<string, Recap>>;
}

/** A controller with Ansible, and three hosts that it reaches by ssh as root. */
export interface Fleet extends AsyncDisposable {
  readonly controller: TestHost;
  readonly hosts: Readonly<Record<HostName, TestHost>>;
  /** Starts ansible-playbook with the text of a playbook. `args` are more flags. */
  play(playbook: string, ...args: readonly string[]): Promise<Played>;
}

const sshd = `
Port 22
HostKey /etc/ssh/fleet_host_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
Subsystem sftp internal-sftp
PidFile none
`;

/** Host keys are pinned: a host with another key is not reached. */
const configuration = `
[defaults]
inventory = ${home}/inventory
collections_path = ${home}/collections
host_key_checking = True
retry_files_enabled = False
[ssh_connection]
pipelining = True
ssh_args = -o ControlMaster=auto -o ControlPersist=60s -o UserKnownHostsFile=${home}/known_hosts -o StrictHostKeyChecking=yes -o IdentityFile=${home}/key -o IdentitiesOnly=yes
`;

/** Of every program of Ansible: it writes nowhere else. */
export const environment = {
  HOME: home,
  ANSIBLE_HOME: `${home}/ansible`,
  ANSIBLE_LOCAL_TEMP: `${home}/tmp`,
  ANSIBLE_CONFIG: `${home}/ansible.cfg`,
  ANSIBLE_NOCOLOR: '1',
};

/** Starts an sshd that lets in who has `publicKey`, and ends with its host. @returns its host key */
async function serve(host: TestHost, publicKey: string) {
  // Where root's password is locked by "!", sshd without PAM lets nobody in as root.
  await host.ok(['usermod', '--password', '*', 'root']);
  await host.write('/root/.ssh/authorized_keys', publicKey, 0o600);
  await installSshd(host);
  await host.write('/etc/ssh/fleet_sshd_config', sshd);
  await host.ok(['mkdir', '-p', '/run/sshd']);
  const key = '/etc/ssh/fleet_host_key';
  await host.ok(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', key]);
  const start = 'exec /usr/sbin/sshd -D -e -f /etc/ssh/fleet_sshd_config 2>&1';
  const server = host.spawn(['sh', '-c', start]);
  await server.printed('Server listening on 0.0.0.0');
  return (await host.read(`${key}.pub`)).trim();
}

/** Builds the collection and installs it from the archive, as anybody would. */
export async function installCollection(controller: TestHost): Promise<void> {
  await controller.write(`${home}/ansible.cfg`, configuration);
  const options = { env: environment, cwd: home };
  await controller.ok(['ansible-galaxy', 'collection', 'build', `${projectPath}/ansible`], options);
  const install = ['ansible-galaxy', 'collection', 'install', '--offline'] as const;
  const archive = `${home}/jailctl-jailctl-${packageJson.version}.tar.gz`;
  await controller.ok([...install, '-p', `${home}/collections`, archive], options);
}

function recapOf(stdout: string): Readonly<Record<string, Recap>> {
  const lines = stdout.split('PLAY RECAP')[1]?.matchAll(/^(\w+) +: (.*)$/gm) ?? [];
  return Object.fromEntries(
    [...lines].map(([, name, numbers = '']) => {
      const pairs = [...numbers.matchAll(/(\w+)=(\d+)/g)].map(([, key, n]) => [key, Number(n)]);
      return [name, Object.fromEntries(pairs)];
    }),
  );
}

async function play(controller: TestHost, playbook: string, args: readonly string[]) {
  const path = `${home}/playbook-${crypto.randomUUID()}.yml`;
  await controller.write(path, playbook);
  // Into files: the ssh that waits for the next connection holds the error stream open.
  const script = 'ansible-playbook "$@" >"$0.out" 2>"$0.err"; code=$?; cat "$0.out"; exit $code';
  const argv = ['sh', '-c', script, path, ...args, path] as const;
  const result = await controller.run(argv, { env: environment, cwd: home });
  const stderr = await controller.read(`${path}.err`);
  return { ...result, stderr, recap: recapOf(result.stdout) };
}

/** `await using fleet = await makeFleet()`. */
export async function makeFleet(): Promise<Fleet> {
  await using started = new AsyncDisposableStack();
  const controller = started.use(await testHost());
  const nodes: TestHost[] = [];
  for (const _ of hostNames) nodes.push(started.use(await testHost()));
  await link(controller, nodes);
  await controller.ok(['mkdir', '-p', '-m', '0700', home]);
  await controller.ok(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', `${home}/key`]);
  const publicKey = await controller.read(`${home}/key.pub`);
  const known: string[] = [];
  const inventory = ['[jails]'];
  for (const [number, node] of nodes.entries()) {
    const address = nodeAddress(number);
    known.push(`${address} ${await serve(node, publicKey)}`);
    const python = 'ansible_python_interpreter=/usr/bin/python3';
    inventory.push(`${hostNames[number]} ansible_host=${address} ansible_user=root ${python}`);
  }
  await controller.write(`${home}/known_hosts`, `${known.join('\n')}\n`);
  await controller.write(`${home}/inventory`, `${inventory.join('\n')}\n`);
  await installCollection(controller);
  const [one, two, three] = nodes as [TestHost, TestHost, TestHost];
  const all = started.move();
  return {
    controller,
    hosts: { one, two, three },
    play: (playbook, ...args) => play(controller, playbook, args),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
