import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stateOf, waitingForAnswer } from '../scenarios/cli.ts';
import { type Fleet, home, hostNames, makeFleet } from './fleet.ts';
import { changedTasks, everywhere, field, installJailctl, runModule } from './module-runs.ts';

const manifest = '/etc/jailctl/jails.yaml';
const text = 'version: 1\nuids: 84300-84399\njails:\n  web: { users: 1, tools: [ls] }\n';
const kept = '/srv/kept';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await makeFleet();
  await installJailctl(fleet);
  for (const name of hostNames) {
    await fleet.hosts[name].write(manifest, text);
    await fleet.hosts[name].ok(['jailctl', 'apply', '--yes', '--file', manifest]);
  }
}, 180_000);
afterAll(() => fleet[Symbol.asyncDispose]());

const one = ['one'] as const;
const onOne = (parameters: object, ...flags: string[]) =>
  runModule(fleet, { ...parameters }, { hosts: one, flags });

/** Runs the module on the first host, which must refuse, in check mode too, and change nothing. */
async function refused(parameters: object, ...flags: string[]) {
  const before = await fleet.hosts.one.snapshot(['/web', '/etc/jailctl']);
  const run = await onOne(parameters, ...flags);
  expect(await fleet.hosts.one.snapshot(['/web', '/etc/jailctl'])).toEqual(before);
  const { one: result } = run.results;
  expect(result, run.stdout).toMatchObject({ failed: true, changed: false });
  return { exitCode: result?.exit_code, message: result?.msg ?? '' };
}

describe('the module fails, and says why:', { timeout: 240_000 }, () => {
  test('for mistakes in a manifest, each with its place', async () => {
    await fleet.hosts.one.write(
      '/run/bad.yaml',
      text.replace('tools', 'tols').replace('1, ', '-1, '),
    );
    const { exitCode, message } = await refused({ manifest: '/run/bad.yaml' });
    expect(exitCode).toBe(3);
    expect(message).toContain('the manifest has errors');
    expect(message).toMatch(
      /^\/run\/bad\.yaml:4:\d+: jail "web" has no key "tols"\n {2}hint: did you/m,
    );
    expect(message).toMatch(/^\/run\/bad\.yaml:4:\d+: .*-1/m);
    const inline = await refused({ content: text.replace('tools', 'tols') }, '--check');
    expect(inline.message).toMatch(/^content:4:\d+: jail "web" has no key "tols"/m);
  });

  test('for a manifest that is not there', async () => {
    const { exitCode, message } = await refused({ manifest: '/run/nothing.yaml' }, '--check');
    expect(exitCode).toBe(3);
    expect(message).toContain('there is no manifest "/run/nothing.yaml"');
  });

  test('for a conflict, with the ways out', async () => {
    await fleet.hosts.one.ok(['mkdir', '-p', '/srv/foreign/x']);
    const content = `${text}  foreign: { path: /srv/foreign, users: 1, tools: [] }\n`;
    for (const flags of [[], ['--check']]) {
      const { exitCode, message } = await refused({ content }, ...flags);
      expect(exitCode).toBe(4);
      expect(message).toMatch(/^1 conflict, so nothing is changed\n\/srv\/foreign is in the way/);
      expect(message).toContain('hint: move it away');
    }
  });

  test('while another jailctl is at work, and names it', async () => {
    await fleet.hosts.one.ok(['chmod', '0700', '/web/usr/bin/ls']);
    await using _waiting = await waitingForAnswer(fleet.hosts.one, ['apply', '--file', manifest]);
    const { exitCode, message } = await refused({ manifest });
    expect(exitCode).toBe(5);
    expect(message).toMatch(/^another jailctl is at work on this host: pid \d+, apply, since/);
    expect(message).toContain('hint: wait until it has ended');
    // Looking takes no lock.
    expect(changedTasks(await onOne({ manifest }, '--check'))).toEqual({ one: 1 });
  });

  test('where there is no jailctl, or no Node for it', async () => {
    const none = await refused({ manifest, executable: 'jailctl-of-nobody' });
    expect(none).toMatchObject({ exitCode: 7, message: /the host has no jailctl-of-nobody\nhint/ });
    await fleet.hosts.one.write('/run/broken', '#!/bin/sh\nexec /run/no-node\n', 0o755);
    const { exitCode, message } = await refused({ manifest, executable: '/run/broken' });
    expect(exitCode).toBe(127);
    expect(message).toMatch(/\/run\/broken ended with exit code 127.*no-node: not found/s);
  });

  test('for a list that names no jail, which is not all of them', async () => {
    const { exitCode, message } = await refused({ state: 'absent', jail: [] });
    expect(exitCode).toBe(3);
    expect(message).toContain('jail names no jail');
  });
});

describe('absent', { timeout: 240_000 }, () => {
  const absent = { state: 'absent' };

  test('deletes data only for a word of its own, and can keep it first', async () => {
    for (const name of hostNames) await fleet.hosts[name].write('/web/home/web1/file', 'mine\n');
    for (const flags of [[], ['--check']]) {
      const { exitCode, message } = await refused(absent, ...flags);
      expect(exitCode).toBe(4);
      expect(message).toMatch(/^this would delete the data in \/web\/home\/web1; so nothing is/);
      expect(message).toContain('destroy_data: true');
    }
    // Variables on the host are no words of the task's.
    const environment = { JAILCTL_DESTROY_DATA: '1', JAILCTL_JAIL: 'never' };
    const { results } = await runModule(fleet, absent, { hosts: one, environment });
    expect(results['one']).toMatchObject({ exit_code: 4, msg: /data in \/web\/home\/web1;/ });
    const all = { ...absent, destroy_data: true, archive: kept };
    const checked = await runModule(fleet, all, { flags: ['--check', '--diff'] });
    expect(changedTasks(checked), checked.stdout).toEqual(everywhere(1));
    expect(checked.stdout).toMatch(/^-\/home\/web1 doomed-home .* \d+ bytes$/m);
    expect(await fleet.hosts.one.ok(['ls', '/web/home'])).toBe('web1\n');
    const destroyed = await runModule(fleet, all);
    expect(field(destroyed, 'failed'), destroyed.stdout).toEqual(everywhere(false));
    expect(changedTasks(destroyed)).toEqual(everywhere(1));
    for (const name of hostNames) {
      const host = fleet.hosts[name];
      expect(await host.ok(['ls', kept])).toMatch(/^web-web1-\w+\.tar\.\w+\n$/);
      expect(await host.ok(['sh', '-c', 'ls -d /web /var/lib/jailctl || true'])).toBe('');
    }
    expect(changedTasks(await runModule(fleet, absent))).toEqual(everywhere(0));
  });

  test('takes a jail that has gone for gone, and leaves the others', async () => {
    const content = `${text}  other: { users: 1, tools: [] }\n`;
    expect(changedTasks(await onOne({ content }))).toEqual({ one: 1 });
    const named = { ...absent, jail: ['web', 'never'] };
    expect(changedTasks(await onOne(named, '--check'))).toEqual({ one: 1 });
    expect(changedTasks(await onOne(named))).toEqual({ one: 1 });
    expect(await fleet.hosts.one.ok(['ls', '/var/lib/jailctl/jails'])).toBe('other\n');
    const before = await stateOf(fleet.hosts.one);
    const again = await onOne(named);
    expect(changedTasks(again), again.stdout).toEqual({ one: 0 });
    expect(again.results['one']?.failed).toBe(false);
    expect((await stateOf(fleet.hosts.one)).accounts).toEqual(before.accounts);
  });
});

test('a host whose key is another one is not reached', async () => {
  const known = `${home}/known_hosts`;
  const text = await fleet.controller.read(known);
  const swapped = text.replace(/^(\S+) (.*)\n(\S+) (.*)$/m, '$1 $4\n$3 $2');
  expect(swapped).not.toBe(text);
  await fleet.controller.write(known, swapped);
  const ping = [{ hosts: 'jails', gather_facts: false, tasks: [{ ping: {} }] }];
  const { recap, stdout } = await fleet.play(
    JSON.stringify(ping),
    '--ssh-extra-args=-o ControlPath=none',
  );
  expect(recap['one']?.unreachable, stdout).toBe(1);
  expect(recap['two']?.unreachable).toBe(1);
  expect(recap['three']?.unreachable).toBe(0);
});
