import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';

const jails = `uids: 77000-77999
jails:
  web: { users: 2, tools: [ls] }
  db: { users: 1, tools: [], network: { allow: [ { to: 10.0.0.5, port: 5432 } ], policy: drop } }
`;

const script = '/var/lib/jailctl/restore-rules';
const unit = '/etc/systemd/system/jailctl-rules.service';
const start = '/etc/systemd/system/sysinit.target.wants/jailctl-rules.service';

/** Rules and chains of both families, without comments and counters. */
const rules = `for tool in iptables-save ip6tables-save; do
  $tool | sed -E '/^#/d; s/ \\[[0-9]+:[0-9]+\\]$//'; done`;

/** Runs shell text in a network of its own, as a kernel that has just booted has one. */
const afterBoot = (host: TestHost, text: string) =>
  host.ok(['unshare', '--net', 'sh', '-e', '-c', text]);

async function applied(): Promise<TestHost> {
  const host = await testHost();
  await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
  await writeManifest(host, jails);
  await apply(host);
  return host;
}

describe('after a boot', () => {
  test('the script makes the rules that apply has made, also when it runs twice', async () => {
    await using host = await applied();
    const wanted = await shell(host, rules);
    expect(wanted.match(/^-A JAILCTL/gm)?.length).toBeGreaterThan(6);
    expect(await afterBoot(host, `sh ${script}; ${rules}`)).toBe(wanted);
    expect(await afterBoot(host, `sh ${script}; sh ${script}; ${rules}`)).toBe(wanted);
  });

  test('it finds jumps that another service has saved, and rules of others stay', async () => {
    await using host = await applied();
    const saved = await shell(host, 'iptables-save >/run/saved; iptables-save | grep -c JAILCTL');
    expect(Number(saved)).toBeGreaterThan(4);
    const restored = `iptables -A OUTPUT -p tcp -j RETURN; iptables-restore --noflush </run/saved
      sh ${script}; iptables-save | grep '^-A OUTPUT'`;
    expect(await afterBoot(host, restored)).toBe(
      '-A OUTPUT -m owner --uid-owner 77000-77999 -m comment --comment jailctl -j JAILCTL\n' +
        '-A OUTPUT -p tcp -j RETURN\n',
    );
  });

  test('it leaves alone what another table has by the same name', async () => {
    await using host = await applied();
    const mangle = `iptables -t mangle -N JAILCTL
      iptables -t mangle -A OUTPUT -p tcp -j JAILCTL
      sh ${script}; sh ${script}; iptables-save -t mangle | grep '^-A'`;
    expect(await afterBoot(host, mangle)).toBe('-A OUTPUT -p tcp -j JAILCTL\n');
  });

  test.for(['iptables', 'ip6tables'])(
    '%s-restore fails: the whole pool is cut off, until an apply',
    async (tool) => {
      await using host = await applied();
      const before = await shell(host, rules);
      await shell(host, 'for tool in iptables ip6tables; do $tool -F; $tool -X; done');
      const address = tool === 'iptables' ? '127.0.0.1' : '::1';
      await host.listen('tcp', address, 7777);
      await host.write(`/usr/local/sbin/${tool}-restore`, '#!/bin/sh\nexit 1\n', 0o755);
      expect(await host.run(['sh', script])).toMatchObject({
        exitCode: 1,
        stderr: expect.stringMatching(/jail users are cut from the network: run jailctl apply\n$/),
      });
      for (const user of [77000, 77999]) {
        expect(await host.ask('tcp', address, 7777, { user })).toBe('silence');
      }
      expect(await host.ask('tcp', address, 7777, { user: 78000 })).toBe('answered');
      await shell(host, `rm /usr/local/sbin/${tool}-restore`);
      expect((await plan(host)).text).toMatch(/not wanted: -A JAILCTL .*-j DROP/);
      await apply(host);
      expect(await shell(host, rules)).toBe(before);
    },
  );

  test('a rule that iptables does not take: none of a family is in force but the one for all', async () => {
    await using host = await applied();
    await shell(host, `sed -i 's/--reject-with icmp-port/--reject-with no-port/' ${script}`);
    const found = await afterBoot(host, `sh ${script} 2>&1 && exit 9; iptables-save | grep '^-A'`);
    expect(found.match(/^-A.*/gm)).toEqual([
      '-A OUTPUT -m owner --uid-owner 77000-77999 -m comment --comment jailctl -j JAILCTL',
      '-A JAILCTL -m comment --comment jailctl -j DROP',
    ]);
  });

  test('nothing works: it says in capitals what that means', async () => {
    await using host = await applied();
    for (const tool of ['ip6tables', 'ip6tables-restore']) {
      await host.write(`/usr/local/sbin/${tool}`, '#!/bin/sh\nexit 1\n', 0o755);
    }
    const said = await host.run(['unshare', '--net', 'sh', script]);
    expect(said).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(
        /^jailctl: JAIL USERS CAN REACH THE NETWORK: .*jailctl apply\n$/,
      ),
    });
  });

  test('systemd takes the unit as it is', async () => {
    await using host = await applied();
    const verified = await host.run(['systemd-analyze', 'verify', unit]);
    expect(verified.stderr).not.toMatch(/jailctl/);
    expect(await shell(host, `readlink -f ${start}`)).toBe(`${unit}\n`);
    expect(await shell(host, `stat -c '%a %u:%g' ${script} ${unit}`)).toBe('700 0:0\n644 0:0\n');
  });
});

/** Each in a line: what somebody does, as shell text, and what the plan says about it. */
const harms: readonly [string, string, RegExp][] = [
  ['the script is gone', `rm ${script}`, /\+ \S+restore-rules$/m],
  ['a line of it is gone', `sed -i '/--noflush/d' ${script}`, /~ \S+restore-rules: its text/],
  ['others may write to it', `chmod 0777 ${script}`, /~ \S+: mode 0777, wanted 0700/],
  ['the unit is of somebody else', `chown 1000 ${unit}`, /~ \S+service: owner 1000:0, wanted 0:0/],
  ['the unit is disabled', `rm ${start}`, /\+ \S+wants\/jailctl-rules\.service$/m],
  ['the unit is changed', `sed -i s/network-pre/network/ ${unit}`, /\+Before=network-pre/],
];

test.for(harms)('when %s, the plan says so, and apply mends it', async ([, harm, said]) => {
  await using host = await applied();
  await shell(host, harm);
  const { text } = await plan(host);
  expect(text).toMatch(/^boot: 1 to (create|update)$/m);
  expect(text).toMatch(said);
  await apply(host);
  await expectNothingToDo(host);
});

/** Each in a line: what is in the way, as shell text, and what the plan says about it. */
const obstacles: readonly [string, string, RegExp][] = [
  [
    'a unit of somebody else',
    `echo '[Unit]' >${unit}`,
    /jailctl-rules\.service is in the way: a file/,
  ],
  ['a masked unit', `ln -s /dev/null ${unit}`, /→ unmask it: systemctl unmask jailctl-rules/],
  ['a link to another unit', `ln -s ../x.service ${start}`, /wants\/\S+ is in the way: a symlink/],
  [
    'a file in the place of the directory for links',
    'mv /etc/systemd/system/sysinit.target.wants /opt; touch /etc/systemd/system/sysinit.target.wants',
    /sysinit\.target\.wants is no directory/,
  ],
];

test.for(obstacles)('%s is a conflict, and stays', async ([, obstacle, said]) => {
  await using host = await testHost();
  await writeManifest(host, jails);
  await shell(host, obstacle);
  const before = await stateOf(host);
  const refused = await host.jailctl(['apply', '--yes', '--file', manifestPath]);
  expect(refused).toMatchObject({ exitCode: 4, stdout: expect.stringMatching(said) });
  expect(await stateOf(host)).toEqual(before);
});

test('a host with System V init gets a script of that', async () => {
  await using host = await testHost();
  await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
  const before = await stateOf(host);
  await shell(host, 'rm /sbin/init; touch /sbin/init; mkdir -p /etc/rcS.d');
  await writeManifest(host, jails);
  await apply(host);
  await expectNothingToDo(host);
  const wanted = await shell(host, rules);
  expect(await afterBoot(host, `/etc/rcS.d/S??jailctl-rules start; ${rules}`)).toBe(wanted);
  expect(await shell(host, `ls ${unit} || true`)).toBe('');
  await shell(host, 'update-rc.d jailctl-rules disable');
  expect((await plan(host)).text).toMatch(/it is \/etc\/rcS\.d\/K\d\djailctl-rules, wanted /);
  await apply(host);
  await expectNothingToDo(host);
  // startpar(1) starts what insserv(8) has written here, whatever links there are.
  await host.write('/etc/init.d/.depend.boot', 'TARGETS = mountall.sh networking\n');
  expect((await plan(host)).text).toContain('+ /etc/rcS.d/S*jailctl-rules');
  await host.write('/etc/init.d/.depend.boot', 'TARGETS = mountall.sh jailctl-rules networking\n');
  await expectNothingToDo(host);
  await shell(host, 'rm /etc/init.d/.depend.boot');
  // The same host with systemd: what is not wanted any more goes.
  await shell(host, 'rm /sbin/init; ln -s /lib/systemd/systemd /sbin/init');
  expect((await plan(host)).text).toContain('it is /etc/init.d/jailctl-rules, wanted ');
  await apply(host);
  await expectNothingToDo(host);
  expect(await shell(host, 'ls /etc/init.d/jailctl-rules /etc/rcS.d | grep jailctl || true')).toBe(
    '',
  );
  await destroy(host);
  expect(await stateOf(host)).toEqual(before);
});

test('a directory for links that was not there is made, and goes again', async () => {
  await using host = await testHost();
  await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
  await shell(host, 'rm -r /etc/systemd/system/sysinit.target.wants');
  const before = await stateOf(host);
  await writeManifest(host, jails);
  await apply(host);
  await expectNothingToDo(host);
  expect(await shell(host, `readlink -f ${start}`)).toBe(`${unit}\n`);
  await destroy(host);
  expect(await stateOf(host)).toEqual(before);
});

test('a service that loads rules later than Debian does is waited for', async () => {
  await using host = await applied();
  expect(await host.read(unit)).toMatch(/^Before=network-pre\.target sysinit\.target /m);
  // Debian's own comes before sysinit.target, and a masked one never.
  const early = '[Unit]\nDefaultDependencies=no\nBefore=network-pre.target\n';
  await host.write('/lib/systemd/system/nftables.service', early);
  await shell(host, 'ln -s /dev/null /etc/systemd/system/ip6tables.service');
  await expectNothingToDo(host);
  await host.write('/lib/systemd/system/iptables.service', '[Unit]\nBefore=network-pre.target\n');
  expect((await plan(host)).text).toMatch(/\+After=.* ufw\.service iptables\.service$/m);
  await apply(host);
  const text = await host.read(unit);
  // It can't come before sysinit.target too: systemd would drop one of the two to end the cycle.
  expect(text).not.toMatch(/^Before=.*sysinit/m);
  expect(text).toMatch(
    /^Before=network-pre\.target systemd-user-sessions\.service .*ssh\.service/m,
  );
});

test('a host that has neither is told what a reboot means', async () => {
  await using host = await testHost();
  await shell(host, 'rm /sbin/init; rm -r /etc/rcS.d');
  await writeManifest(host, jails);
  const { text } = await plan(host);
  expect(text).toContain('warning: this host has neither systemd nor /etc/rcS.d with update-rc.d');
  await apply(host);
  expect((await plan(host)).changes).toBe(false);
});
