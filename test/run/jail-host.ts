import { fileURLToPath } from 'node:url';
import type { EngineName } from '../../src/model/settings.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import type { Request } from './run-program.ts';

const runner = fileURLToPath(new URL('run-program.ts', import.meta.url));

const pythonList = fileURLToPath(new URL('../../requirements/python3.txt', import.meta.url));

const manifest = `
version: 1
uids: 81000-81999
jails:
  jail:
    users: 2
    requirements: [${pythonList}]
    tools: [sh, cat, ls, sleep, "yes"]
`;

/**
 * A throwaway host with the jail /jail, in which an engine can run programs. Beside the controllers
 * of version 1, crun 1.8 wants no version 2.
 */
export async function jailHost(engine: EngineName): Promise<TestHost> {
  const host = await testHost({ cgroups: true });
  await host.write('/root/jails.yaml', manifest);
  const applied = await host.jailctl(['apply', '--yes', '--file', '/root/jails.yaml']);
  if (applied.exitCode !== 0) throw new Error(applied.stderr);
  if (engine === 'crun') {
    await host.run(['sh', '-c', 'cd /sys/fs/cgroup && umount unified && rmdir unified']);
  }
  return host;
}

/** The command that runs programs as `requests` say. */
export const argvOf = (requests: readonly Request[]) =>
  [process.execPath, runner, JSON.stringify(requests)] as const;

/** What a run must not leave. */
export const leftovers = (host: TestHost) =>
  host.ok([
    ...['sh', '-c'],
    `find /sys/fs/cgroup -name '*jailctl*'; find /run/jailctl 2>/dev/null;
     ps -e -o uid=,pid=,comm= | grep -E '^ *81|jailctl-init|runc|crun'; true`,
  ] as const);

export const python = (script: string) => ['python3', '-c', script] as const;
