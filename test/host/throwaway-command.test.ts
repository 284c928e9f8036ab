import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';

describe('a program in a throwaway host', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('gives its exit code and both of its outputs, final newlines included', async () => {
    expect(await host.run(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  test('gives the signal that ended it', async () => {
    expect(await host.run(['sh', '-c', 'kill -s USR1 $$'])).toEqual({
      signal: 'SIGUSR1',
      stdout: '',
      stderr: '',
    });
  });

  test('gets its input, and an empty one without', async () => {
    expect(await host.ok(['cat'], { input: 'text' })).toBe('text');
    expect(await host.ok(['cat'])).toBe('');
  });

  test('runs in the directory asked for, with arguments that no shell touches', async () => {
    const argv = ['printf', '%s|', '$HOME', 'a b', '*', '--', "'"] as const;
    expect(await host.ok(argv, { cwd: '/usr/lib' })).toBe("$HOME|a b|*|--|'|");
    expect(await host.ok(['pwd'], { cwd: '/usr/lib' })).toBe('/usr/lib\n');
    expect(await host.ok(['pwd'])).toBe('/\n');
  });

  test('inherits no variable of its caller', async () => {
    process.env['OF_THE_CALLER'] = 'seen';
    const names = (await host.ok(['env'], { env: { ASKED: 'for' } }))
      .split('\n')
      .map((line) => line.replace(/=.*/, ''))
      .filter((name) => !['', 'PWD', 'OLDPWD', '_', 'SHLVL'].includes(name));
    expect(names.sort()).toEqual(['ASKED', 'HOME', 'LANG', 'PATH']);
  });

  test('runs as the user asked for, without groups and capabilities of root', async () => {
    const script = 'id -u; id -g; id -G; grep CapEff /proc/self/status';
    expect(await host.ok(['sh', '-c', script], { user: 71000 })).toBe(
      '71000\n71000\n71000\nCapEff:\t0000000000000000\n',
    );
  });

  test('is killed when it takes longer than allowed', async () => {
    await expect(host.run(['sleep', '1001'], { timeoutMs: 100 })).rejects.toThrow(
      'sleep 1001: it did not end within 100 ms',
    );
    expect(await host.ok(['ps', '-e', '-o', 'args='])).not.toContain('sleep 1001');
  });

  test('fails as in a shell when there is no such program', async () => {
    expect(await host.run(['no-such-program'])).toMatchObject({ exitCode: 127 });
  });

  test('can go on running until it is disposed of', async () => {
    {
      await using server = host.spawn(['sh', '-c', 'echo ready; exec sleep 1002']);
      await server.printed('ready');
      expect(await host.ok(['ps', '-e', '-o', 'args='])).toContain('sleep 1002');
    }
    expect(await host.ok(['ps', '-e', '-o', 'args='])).not.toContain('sleep 1002');
  });

  test('that ends without printing what was waited for is an error with its complaint', async () => {
    await using server = host.spawn(['sh', '-c', 'echo other; echo complaint >&2']);
    await server.printed('other');
    await expect(server.printed('listening')).rejects.toThrow('complaint');
    expect(await server.result()).toMatchObject({ exitCode: 0 });
  });
});
