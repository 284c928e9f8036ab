import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, stateOf } from './cli.ts';
import { shell } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await installForEverybody(host);
});
afterAll(() => host[Symbol.asyncDispose]());

const mutate = ['verify', '--mutate'];

describe('verify --mutate', () => {
  test('takes the layers away that some probes stand for, and not on this host', async () => {
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await stateOf(host);
    const result = await host.jailctl([...mutate, '--only', 'files/absolute-path']);
    expect(result.exitCode, result.stdout + result.stderr).toBe(0);
    expect(result.stdout).toMatch(/^caught {6}\S+: .*\n {12}files\/\S+: failed in alpha: /);
    expect(result.stdout).toMatch(/\n\n(?:1 mutation|\d+ mutations): \d+ caught\n$/);
    expect(await stateOf(host)).toEqual(before);
  });

  test('exits 6 when the jails can not even be made', async () => {
    await shell(host, 'mkdir /alpha');
    const result = await host.jailctl([...mutate, '--only', 'files/absolute-path']);
    await shell(host, 'rmdir /alpha');
    expect(result.exitCode, result.stdout + result.stderr).toBe(6);
    expect(result.stdout).toMatch(/^FAULT .*\n.*: with every layer: jailctl apply ended with 4: /);
    expect(result.stdout).toContain('/alpha is in the way');
  });

  test.for<readonly string[]>([
    ['--json'],
    ['--markdown'],
    ['--junit', 'file'],
    ['--jail', 'web'],
    ['--path', '/srv', '--user', 'web1'],
    ['--engine', 'chroot'],
    ['--list'],
  ])('does not go together with %s', async (options) => {
    const result = await host.jailctl([...mutate, ...options]);
    expect(result.exitCode).toBe(3);
    expect(result.stdout + result.stderr).toContain('--mutate');
  });

  test('exits 7 for anybody but root, and where no throwaway host can be made', async () => {
    expect(await asNobody(host, mutate)).toMatchObject({ exitCode: 7, stdout: '' });
    await using without = await testHost();
    const result = await without.jailctl(mutate);
    expect(result).toMatchObject({ exitCode: 7, stdout: '' });
    expect(result.stderr).toContain('no cgroup hierarchy is mounted writable');
  });
});
