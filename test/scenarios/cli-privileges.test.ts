import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, stateOf } from './cli.ts';
import { apply, destroy, expectNothingToDo, manifestPath, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await installForEverybody(host);
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
});
afterAll(() => host[Symbol.asyncDispose]());

describe('without root', () => {
  test.for([
    ['plan', file],
    ['apply', [...file, '--yes']],
    ['destroy', ['--yes']],
    ['rehearse', file],
  ] as const)('%s says what to do', async ([name, args]) => {
    expect(await asNobody(host, [name, ...args])).toEqual({
      exitCode: 7,
      stdout: '',
      stderr:
        `jailctl: ${name} has to see everything on this host, and only root can\n` +
        `  hint: run it as root: sudo jailctl ${name}\n`,
    });
  });

  test.for([
    ['validate', ['validate', ...file], /^\/run\/jails.yaml is valid: 1 jail with 1 user\n$/],
    ['explain', ['explain', 'web', '/usr/bin/ls', ...file], /asked for as "ls" at/],
    ['schema', ['schema'], /^\{\n/],
    ['--help', ['--help'], /^Usage: jailctl/],
    ['apply --help', ['apply', '--help'], /^Usage: jailctl apply/],
    ['--version', ['--version'], /^\d+\.\d+\.\d+\n$/],
  ] as const)('%s works', async ([, args, shows]) => {
    const result = await asNobody(host, args);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stdout).toMatch(shows);
  });

  test('validate says what only root can check', async () => {
    const { stderr } = await asNobody(host, ['validate', ...file]);
    expect(stderr).toContain('not checked: accounts and jails of this host');
  });

  test('validate finds tools that the host lacks', async () => {
    await host.write('/run/bad.yaml', 'version: 1\njails:\n  web: { tools: [no-such-tool] }\n');
    const result = await asNobody(host, ['validate', '--file', '/run/bad.yaml']);
    expect(result.exitCode).toBe(3);
    expect(result.stderr).toContain('/run/bad.yaml:3:');
  });

  test('init writes a project into a directory of the user', async () => {
    await host.ok(['install', '-d', '-o', '65534', '/srv/mine']);
    const init = await asNobody(host, ['init'], { cwd: '/srv/mine' });
    expect(init.exitCode, init.stderr).toBe(0);
    const valid = await asNobody(host, ['validate'], { cwd: '/srv/mine' });
    expect(valid).toMatchObject({
      exitCode: 0,
      stdout: 'jails.yaml is valid: 1 jail with 2 users\n',
    });
    const denied = await asNobody(host, ['init', '/root/mine']);
    expect(denied.exitCode).toBe(1);
    expect(denied.stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('without a host tool', () => {
  test.for([
    ['iptables-save', 'iptables'],
    ['iptables-restore', 'iptables'],
    ['ip6tables-restore', 'iptables'],
    ['getfattr', 'attr'],
    ['vipw', 'passwd'],
    ['flock', 'util-linux'],
    ['mknod', 'coreutils'],
  ])(
    '%s, apply and destroy name the package and change nothing',
    async ([tool = '', name = '']) => {
      await apply(host);
      await writeManifest(host, 'jails:\n  web: { users: 2, tools: [ls, sh], network: host }\n');
      const where = await host.ok(['sh', '-c', `PATH=/usr/sbin:/usr/bin command -v ${tool}`]);
      await host.ok(['mv', where.trim(), '/run/moved-away']);
      try {
        for (const args of [['apply', '--yes', ...file] as const, ['destroy', '--yes'] as const]) {
          expect(await host.jailctl(args)).toEqual({
            exitCode: 7,
            stdout: '',
            stderr: `jailctl: the host has no ${tool}\n  hint: install it: apt-get install ${name}\n`,
          });
        }
      } finally {
        await host.ok(['mv', '/run/moved-away', where.trim()]);
      }
      await writeManifest(host, 'jails:\n  web: { users: 1, tools: [ls] }\n');
      await expectNothingToDo(host);
      await destroy(host);
    },
  );
});

test('with neither root nor manifest, nothing is asked and nothing is changed', async () => {
  const before = await stateOf(host);
  await asNobody(host, ['apply', '--yes', '--file', '/run/none.yaml']);
  await asNobody(host, ['destroy', '--yes']);
  expect(await stateOf(host)).toEqual(before);
});
