import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stateOf } from '../scenarios/cli.ts';
import { type Fleet, home, hostNames, makeFleet, projectPath } from './fleet.ts';
import { changedTasks, everywhere } from './module-runs.ts';

/** A template: each host has another value. */
const manifest = (more = '') => `version: 1
uids: 84400-84499
jails:
  web:
    users: 1
    requirements: [requirements/tools.txt]
    env: { AT: "{{ inventory_hostname }}" }${more}
`;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await makeFleet();
  const { controller } = fleet;
  const options = { cwd: projectPath, env: { HOME: home } };
  // The package as it is published. The build before it is that of the tests.
  const pack = ['npm', 'pack', '--ignore-scripts', `--pack-destination=${home}`] as const;
  await controller.ok(pack, options);
  await controller.ok(['sh', '-c', `mv ${home}/jailctl-*.tgz ${home}/jailctl.tgz`]);
  // As nodejs.org packs it: one directory with bin/node in it.
  const node = ['--transform=s,^.*$,node-v0/bin/node,', process.execPath] as const;
  await controller.ok(['tar', '-P', '-cf', `${home}/node.tar`, ...node]);
  await controller.write(`${home}/jails.yaml`, manifest());
  await controller.write(`${home}/tools.txt`, 'ls\n');
}, 180_000);
afterAll(() => fleet[Symbol.asyncDispose]());

/** Plays the role. The first host gets a Node of its own, the others have one. */
function play(variables: object, ...flags: string[]) {
  const vars = {
    jailctl_package: `${home}/jailctl.tgz`,
    jailctl_node: process.execPath,
    // apt takes its time to find that nothing is to do.
    jailctl_host_packages: [],
    jailctl_node_archive: `{{ '${home}/node.tar' if inventory_hostname == 'one' else '' }}`,
    jailctl_manifest: `${home}/jails.yaml`,
    jailctl_requirements: [`${home}/tools.txt`],
    ...variables,
  };
  const roles = [{ role: 'jailctl.jailctl.jailctl', vars }];
  return fleet.play(JSON.stringify([{ hosts: 'jails', gather_facts: false, roles }]), ...flags);
}

const failures = ({ recap }: Awaited<ReturnType<typeof play>>) =>
  Object.fromEntries(Object.entries(recap).map(([name, { failed }]) => [name, failed]));

async function states() {
  const { one, two, three } = fleet.hosts;
  const state = async (host: typeof one) => ({
    ...(await stateOf(host)),
    changed: host.changedPaths().filter(({ path }) => /^\/(etc|usr|web|var\/lib)\//.test(path)),
  });
  return { one: await state(one), two: await state(two), three: await state(three) };
}

describe('the role', { timeout: 240_000 }, () => {
  test('in check mode, on hosts without jailctl, says what it would do, and does nothing', async () => {
    const before = await states();
    const checked = await play({}, '--check', '--diff', '--limit=one,two');
    expect(failures(checked), checked.stdout).toEqual({ one: 0, two: 0 });
    expect(Math.min(...Object.values(changedTasks(checked)))).toBeGreaterThan(2);
    expect(checked.stdout).toContain('jailctl is not on this host yet, so there is no plan');
    expect(await states()).toEqual(before);
  });

  test('refuses a host without Node, or with one that is too old', async () => {
    await fleet.hosts.three.write('/run/old-node', '#!/bin/sh\necho v22.14.0\n', 0o755);
    const jailctl_node = "{{ '/run/old-node' if inventory_hostname == 'three' else '/run/none' }}";
    const variables = { jailctl_node, jailctl_node_archive: '' };
    const refused = await play(variables, '--limit=two,three');
    expect(failures(refused), refused.stdout).toEqual({ two: 1, three: 1 });
    expect(refused.stdout).toMatch(
      /needs Node 22\.15 or later, and \/run\/old-node .* is v22\.14\.0/,
    );
    expect(refused.stdout).toMatch(/needs Node 22\.15 or later, and \/run\/none .* is missing/);
  });

  test('installs jailctl and the manifest, makes the jails, and then changes nothing', async () => {
    const first = await play({ jailctl_host_packages: ['iptables', 'attr', 'crun'] });
    expect(failures(first), first.stdout).toEqual(everywhere(0));
    for (const name of hostNames) {
      const host = fleet.hosts[name];
      const program = await host.read('/usr/local/sbin/jailctl');
      const own = /^exec \/usr\/local\/lib\/jailctl\/node-\w{12}\/bin\/node /m.test(program);
      expect(own, program).toBe(name === 'one');
      const file = ['--file', '/etc/jailctl/jails.yaml'] as const;
      await host.ok(['jailctl', 'plan', '--detailed-exitcode', ...file]);
      expect(await host.ok(['chroot', '/web', 'ls', '/home'])).toBe('web1\n');
      expect(await host.read('/web/.jailctl/settings.json')).toContain(`"AT": "${name}"`);
      const others = await host.ok(['find', '/usr/local/lib/jailctl', '!', '-user', 'root']);
      expect(others).toBe('');
      const writable = ['(', '-perm', '/022', '-a', '!', '-type', 'l', ')'];
      expect(await host.ok(['find', '/usr/local/lib/jailctl', ...writable])).toBe('');
    }
    const before = await states();
    const again = await play({});
    expect(changedTasks(again), again.stdout).toEqual(everywhere(0));
    expect(await states()).toEqual(before);
  });

  test('in check mode plans with the new manifest, which is not on the host yet', async () => {
    await fleet.controller.write(`${home}/jails.yaml`, manifest('\n    limits: { processes: 7 }'));
    const before = await states();
    const checked = await play({}, '--check', '--diff', '--limit=two');
    expect(failures(checked), checked.stdout).toEqual({ two: 0 });
    // The manifest, and the jail.
    expect(changedTasks(checked), checked.stdout).toEqual({ two: 2 });
    expect(checked.stdout).toMatch(/^\+ +"processes": 7,$/m);
    expect(await states()).toEqual(before);
    expect(await fleet.hosts.two.ok(['sh', '-c', 'ls -d /tmp/jailctl-check-* || true'])).toBe('');
    expect(changedTasks(await play({}, '--limit=two'))).toEqual({ two: 2 });
    expect(await fleet.hosts.two.read('/web/.jailctl/settings.json')).toMatch(/"processes": 7\b/);
  });

  test('in check mode fails for a manifest with a mistake, and names its place', async () => {
    await fleet.controller.write(`${home}/bad.yaml`, manifest('\n    tols: [ls]'));
    const failed = await play({ jailctl_manifest: `${home}/bad.yaml` }, '--check', '--limit=two');
    expect(failures(failed), failed.stdout).toEqual({ two: 1 });
    expect(failed.stdout).toMatch(/jails\.yaml:8:5: jail \\"web\\" has no key \\"tols\\"/);
    expect(await fleet.hosts.two.ok(['sh', '-c', 'ls -d /tmp/jailctl-check-* || true'])).toBe('');
  });

  test('puts a new package beside the old one, and the command starts the new one', async () => {
    const { controller } = fleet;
    const { two } = fleet.hosts;
    const other = `gzip -dc ${home}/jailctl.tgz | gzip -1 >${home}/new.tgz`;
    await controller.ok(['sh', '-c', other]);
    const upgraded = await play({ jailctl_package: `${home}/new.tgz` }, '--limit=two');
    expect(failures(upgraded), upgraded.stdout).toEqual({ two: 0 });
    const sum = (await controller.ok(['sha256sum', `${home}/new.tgz`])).slice(0, 12);
    expect(await two.read('/usr/local/sbin/jailctl')).toContain(`/jailctl-${sum}/dist/jailctl.js`);
    await two.ok(['jailctl', '--version']);
    const places = await two.ok(['ls', '/usr/local/lib/jailctl']);
    expect(places.trim().split('\n')).toHaveLength(2);
  });
});
