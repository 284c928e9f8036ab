import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from '../scenarios/cli.ts';
import { shell } from '../scenarios/jails.ts';
import { checkOn, type Examination, replacedOn } from './host-check.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
});
afterAll(() => host[Symbol.asyncDispose]());

const check = (id: string, ...args: readonly string[]) => checkOn(host, id, ...args);
const replaced = <T>(path: string, text: string, look: () => Promise<T>) =>
  replacedOn(host, path, text, look);

/** Takes programs away as long as `look` takes. */
async function without<T>(paths: readonly string[], look: () => Promise<T>): Promise<T> {
  for (const path of paths) await shell(host, `mv $(readlink -f ${path}) ${path}.away`);
  try {
    return await look();
  } finally {
    for (const path of paths) await shell(host, `mv ${path}.away $(readlink -f ${path})`);
  }
}

describe('doctor', () => {
  test('works on a host without jails and without a manifest, and changes nothing', async () => {
    const before = await stateOf(host);
    const { exitCode, stdout } = await host.jailctl(['doctor', '--json']);
    const report = JSON.parse(stdout);
    expectValid('doctor', report);
    expect(report.format_version).toBe('1.1');
    expect(exitCode).toBe(report.summary.problems > 0 ? 1 : 0);
    expect(report.checks.map(({ id }: Examination) => id)).toEqual(
      expect.arrayContaining(['host-tools', 'cgroups', 'engines', 'jail-limits', 'old-ids-files']),
    );
    expect(await stateOf(host)).toEqual(before);
  });

  test('takes only checks that there are', async () => {
    const args = ['doctor', '--json', '--check'];
    const two = await host.jailctl([...args, 'engines,boot']);
    const ids = JSON.parse(two.stdout).checks.map(({ id }: Examination) => id);
    expect(ids).toEqual(['engines', 'boot']);
    for (const odd of ['engine', ',']) {
      const refused = await host.jailctl([...args, odd]);
      expect(refused).toMatchObject({ exitCode: 3, stderr: '' });
      expect(JSON.parse(refused.stdout).hint).toMatch(/^checks: host-tools, kernel, cgroups,/);
    }
  });

  test('names the tools that are missing, and one command for all', async () => {
    expect(await check('host-tools')).toMatchObject({ status: 'ok', findings: [] });
    const found = await without(['/usr/sbin/vipw', '/usr/bin/getfattr'], () => check('host-tools'));
    expect(found).toMatchObject({
      status: 'problem',
      findings: [
        {
          message: 'the host has no getfattr, vipw',
          remedies: [
            {
              does: 'installs what the manifest needs (attr, passwd)',
              command: 'jailctl setup',
            },
          ],
        },
      ],
    });
  });

  test('does not fail as a whole where one check lacks its tool', async () => {
    const found = await without(['/usr/sbin/iptables-save'], () => check('packet-filters'));
    expect(found).toMatchObject({
      status: 'unknown',
      findings: [{ message: 'the host has no iptables-save' }],
    });
  });
});

describe('the kernel', () => {
  const seccomp = '/proc/sys/kernel/seccomp/actions_avail';
  test.for([
    [seccomp, 'errno\n', 'problem', 'the filter of system calls lacks kill_process'],
    ['/proc/sys/user/max_net_namespaces', '0\n', 'problem', 'is 0, so no run gets one'],
  ] as const)('%s says %j', async ([path, text, status, message]) => {
    expect(await check('kernel')).toMatchObject({ findings: [] });
    const found = await replaced(path, text, () => check('kernel'));
    expect(found).toMatchObject({
      status,
      findings: [{ message: expect.stringContaining(message) }],
    });
  });

  test('without overlayfs there is no rehearsal', async () => {
    const look = async (modprobe: string) => {
      await host.write('/usr/local/sbin/modprobe', `#!/bin/sh\n${modprobe}\n`, 0o755);
      return replaced('/proc/filesystems', 'nodev\ttmpfs\n', () => check('kernel'));
    };
    expect(await look('exit 1')).toMatchObject({
      status: 'warning',
      findings: [{ remedies: [{ command: 'modprobe overlay' }] }],
    });
    const asked = 'test "$*" = "--dry-run --quiet overlay"';
    expect(await look(asked)).toMatchObject({ status: 'ok' });
    await host.ok(['rm', '/usr/local/sbin/modprobe']);
  });
});

describe('cgroups', () => {
  test('are told, and a host that hides them is a problem, unless the manifest gives them up', async () => {
    expect(await check('cgroups')).toMatchObject({
      status: 'info',
      findings: [{ message: expect.stringMatching(/^(?:version [12]$|hybrid:)/) }],
    });
    await host.ok(['umount', '--recursive', '/sys/fs/cgroup']);
    expect(await check('cgroups')).toMatchObject({
      status: 'problem',
      findings: [
        {
          message: "runs can't be limited: cpu, cpuacct, memory, pids",
          evidence: expect.arrayContaining([
            'no cgroup hierarchy with the controller memory is mounted',
          ]),
          remedies: [
            { does: 'mount one: mount -t cgroup2 cgroup2 /sys/fs/cgroup' },
            { manifest: 'optional: [cpus, cpu_time, memory, processes]' },
          ],
        },
      ],
    });
    const weak = 'uids: 84700-84701\njails:\n  web: { users: 1, tools: [], optional: ';
    await host.write('/run/weak.yaml', `version: 1\n${weak}[cpu_time, memory, processes] }\n`);
    expect(await check('cgroups', '--file', '/run/weak.yaml')).toMatchObject({ status: 'warning' });
    await host.write('/run/weak.yaml', `version: 1\n${weak}[cpu_time, memory] }\n`);
    expect(await check('cgroups', '--file', '/run/weak.yaml')).toMatchObject({ status: 'problem' });
  });
});

describe('engines', () => {
  test('that are missing or broken are told, and what exec takes', async () => {
    const [taken] = (await check('engines')).findings;
    expect(taken?.message).toMatch(/^runs are started by (?:crun|runc)$/);
    const broken = '#!/bin/sh\necho "no libseccomp" >&2\nexit 127\n';
    const other = await replaced('/usr/bin/crun', broken, () => check('engines'));
    expect(other).toMatchObject({
      status: 'info',
      findings: [
        {
          message: 'runs are started by runc',
          evidence: expect.arrayContaining(['crun: /usr/bin/crun, but no libseccomp']),
        },
      ],
    });
    const none = await without(['/usr/bin/crun', '/usr/sbin/runc'], () => check('engines'));
    expect(none).toMatchObject({
      status: 'problem',
      findings: [
        { message: 'no OCI runtime works here', remedies: [{ command: 'jailctl setup' }, {}] },
      ],
    });
  });

  test('that a jail names have to be there', async () => {
    const text = 'uids: 84700-84701\njails:\n  web: { users: 1, tools: [], engine: runsc }\n';
    await host.write('/run/gvisor.yaml', `version: 1\n${text}`);
    const { status, findings } = await check('engines', '--file', '/run/gvisor.yaml');
    expect(status).toBe('problem');
    expect(findings.at(-1)?.message).toBe(
      '/run/gvisor.yaml:4: the jail web wants runsc: not on this host',
    );
  });
});
