import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { stateOf } from './cli.ts';
import {
  apply,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from './jails.ts';

const file = ['--file', manifestPath] as const;

async function jailctl(host: TestHost, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await host.jailctl(args);
  expect(exitCode, stdout + stderr).toBe(0);
  return stdout;
}

describe('--jail', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await writeManifest(
      host,
      'jails:\n  a: { users: 1, tools: [ls] }\n  b: { users: 1, tools: [ls] }\n',
    );
    await apply(host);
    // Both drift; b is to grow, too, and c is new.
    await shell(host, 'rm /a/usr/bin/ls /b/usr/bin/ls; usermod --shell /bin/sh b1');
    await writeManifest(
      host,
      'jails:\n  a: { users: 2, tools: [ls] }\n  b: { users: 3, tools: [ls] }\n  c: { users: 1, tools: [ls] }\n',
    );
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test('narrows plan to the jails that it names', async () => {
    const narrow = await jailctl(host, 'plan', '--jail', 'a', ...file);
    expect(narrow).toContain('tree of a:');
    expect(narrow).not.toMatch(/\bb1\b|tree of b|tree of c|c1\b/);
    const two = await jailctl(host, 'plan', '--jail', 'a', '--jail', 'c', ...file);
    expect(two).toContain('tree of c:');
    expect(two).not.toContain('tree of b:');
  });

  test('narrows apply: the others stay as they are', async () => {
    await jailctl(host, 'apply', '--yes', '--jail', 'a', ...file);
    await host.ok(['test', '-e', '/a/usr/bin/ls']);
    expect(Object.keys(await jailUsers(host)).sort()).toEqual(['a1', 'a2', 'b1']);
    expect(await host.ok(['getent', 'passwd', 'b1'])).toMatch(/:\/bin\/sh\n$/);
    expect(await shell(host, 'ls -d /b/usr/bin/ls /c 2>/dev/null || true')).toBe('');
    expect(await jailctl(host, 'plan', '--jail', 'a', ...file)).toContain('Nothing to do');
  });

  test('narrows apply: a jail that the manifest has lost stays', async () => {
    await writeManifest(host, 'jails:\n  a: { users: 2, tools: [ls, cat] }\n');
    await jailctl(host, 'apply', '--yes', '--jail', 'a', ...file);
    await host.ok(['test', '-e', '/a/usr/bin/cat']);
    await host.ok(['test', '-e', '/b/.jailctl/settings.json']);
    expect(Object.keys(await jailUsers(host))).toContain('b1');
  });

  test('narrows destroy: the others and the fence stay', async () => {
    const rules = await host.ok(['sh', '-c', 'iptables-save; ip6tables-save']);
    expect(await jailctl(host, 'destroy', '--yes', '--jail', 'a')).toContain('Done: removed.');
    expect((await host.run(['test', '-e', '/a'])).exitCode).toBe(1);
    expect(Object.keys(await jailUsers(host))).toEqual(['b1']);
    const jump = '-A OUTPUT -m owner --uid-owner 70000-89999';
    expect(rules).toContain(jump);
    expect(await host.ok(['iptables-save'])).toContain(jump);
    expect(await host.ok(['ip6tables-save'])).toContain(jump);
    await host.ok(['test', '-e', '/b/.jailctl/settings.json']);
  });

  test.for([
    ['plan', file, 'a, b'],
    ['apply', ['--yes', ...file], 'a, b'],
    ['destroy', ['--yes'], 'b'],
  ] as const)(
    'refuses a name that %s does not know, and lists those that it does',
    async ([name, args, known]) => {
      const before = await stateOf(host);
      const result = await host.jailctl([name, '--jail', 'nix', ...args]);
      expect(result).toMatchObject({ exitCode: 3, stdout: '' });
      expect(result.stderr).toMatch(/^jailctl: there is no jail nix /);
      expect(result.stderr).toContain(`hint: jails: ${known}\n`);
      expect(await stateOf(host)).toEqual(before);
    },
  );

  test('with no name at all is a mistake, not all jails', async () => {
    const before = await stateOf(host);
    for (const list of ['', ',']) {
      const result = await host.jailctl(['destroy', '--yes', '--jail', list]);
      expect(result).toMatchObject({ exitCode: 3, stderr: /--jail names no jail/ });
    }
    expect(await stateOf(host)).toEqual(before);
  });
});

describe('a protected jail', () => {
  const guarded = 'jails:\n  web: { users: 2, tools: [ls], protect: true }\n';
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await writeManifest(host, guarded);
    await apply(host);
    await shell(host, 'echo precious >/web/home/web2/notes');
  });
  afterAll(() => host[Symbol.asyncDispose]());

  test.for([
    ['destroy', guarded, ['destroy', '--yes']],
    ['destroy of it alone', guarded, ['destroy', '--yes', '--jail', 'web']],
    [
      'apply with fewer users',
      'jails:\n  web: { users: 1, tools: [ls], protect: true }\n',
      ['apply', '--yes', ...file],
    ],
    [
      'apply that lifts the protection and shrinks at once',
      'jails:\n  web: { users: 1, tools: [ls], protect: false }\n',
      ['apply', '--yes', ...file],
    ],
    [
      'apply without the jail',
      'jails:\n  other: { users: 1, tools: [ls] }\n',
      ['apply', '--yes', ...file],
    ],
  ] as const)('is kept by %s, which is refused and changes nothing', async ([, text, args]) => {
    await writeManifest(host, text);
    const before = await stateOf(host);
    const result = await host.jailctl(args);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toContain(
      '! jail web is protected: neither it nor its homes may be removed',
    );
    expect(result.stdout).toContain('→ lift the protection first');
    expect(await stateOf(host)).toEqual(before);
    expect(await host.read('/web/home/web2/notes')).toBe('precious\n');
  });

  test('may grow, and goes once its protection was lifted by an apply of its own', async () => {
    await writeManifest(host, 'jails:\n  web: { users: 3, tools: [ls, cat], protect: true }\n');
    await apply(host);
    await writeManifest(host, 'jails:\n  web: { users: 3, tools: [ls, cat] }\n');
    await apply(host);
    await expectNothingToDo(host);
    await jailctl(host, 'destroy', '--yes', '--destroy-data');
    expect((await host.run(['test', '-e', '/web'])).exitCode).toBe(1);
  });
});
