import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { type Dialogue, jsonLines, onTerminal, stateOf } from './cli.ts';
import {
  apply,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from './jails.ts';

const file = ['--file', manifestPath] as const;
const two = 'jails:\n  web: { users: 2, tools: [] }\n  api: { users: 1, tools: [] }\n';
const one = 'jails:\n  web: { users: 1, tools: [] }\n  api: { users: 1, tools: [] }\n';

const yes = [' is a yes: ', 'yes\n'] as const;
const typing = (name: string) => ['to delete it: ', `${name}\n`] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
});
afterAll(() => host[Symbol.asyncDispose]());

/** Two jails; the second user of the first has a file, and the user of the other has too. */
async function withData(): Promise<void> {
  await writeManifest(host, two);
  await apply(host);
  await shell(host, 'echo mine >/web/home/web2/file; echo mine >/api/home/api1/file');
}

describe('a home with data', () => {
  beforeAll(withData);

  test.for([
    ['destroy --yes', ['destroy', '--yes'], two, '2 homes with'],
    ['destroy --yes of one jail', ['destroy', '--yes', '--jail', 'api'], two, '/api/home/api1'],
    ['an apply with a user less', ['apply', '--yes', ...file], one, '1 home with'],
    ['an apply without the jail', ['apply', '--yes', ...file], 'jails: {}\n', '/web/home/web2'],
  ] as const)('is not deleted by %s', async ([, args, manifest, names]) => {
    await writeManifest(host, manifest);
    const before = await stateOf(host);
    const refused = await host.jailctl(args);
    expect(refused).toMatchObject({ exitCode: 4 });
    expect(refused.stdout).toMatch(/- \/home\/\S+: a user's data, [\d.]+ \S+, is deleted/);
    expect(refused.stderr).toContain('jailctl: this would delete');
    expect(refused.stderr).toContain(names);
    expect(refused.stderr).toContain('hint: add --destroy-data');
    const json = await host.jailctl([...args, '--json']);
    expect(json.exitCode).toBe(4);
    expect(jsonLines(json.stdout)).toMatchObject([
      { exit_code: 4, message: expect.stringContaining('this would delete') },
    ]);
    expect(await stateOf(host)).toEqual(before);
  });

  test('is not deleted by who can not be asked, and is told both flags', async () => {
    const before = await stateOf(host);
    const { exitCode, stderr } = await host.jailctl(['destroy']);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('jailctl destroy --yes --destroy-data\n');
    expect(await stateOf(host)).toEqual(before);
  });

  test.for([
    ['only yes', ['destroy', '--jail', 'web'], [yes, typing('')]],
    ['yes twice', ['destroy', '--jail', 'web'], [yes, typing('yes')]],
    ['a wrong name', ['destroy', '--jail', 'web'], [yes, typing('webb')]],
    ['the end of input', ['destroy', '--jail', 'web'], [yes, ['to delete it: ', '\x04']]],
    ['the name of one jail of two', ['destroy'], [yes, typing('api'), typing('api')]],
    ['--destroy-data, without a yes', ['destroy', '--destroy-data'], [[yes[0], 'no\n']]],
  ] as const)('is not deleted on a terminal by %s', async ([, args, dialogue]) => {
    const before = await stateOf(host);
    const result = await onTerminal(host, args, dialogue as Dialogue);
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.stdout).toContain('not approved, so nothing was changed');
    expect(await stateOf(host)).toEqual(before);
  });

  test('is not deleted by a yes to a plan in which it was empty', async () => {
    const came = 'echo mine >/api/home/api1/more; echo mine >/web/home/web1/file';
    const dialogue = [yes, typing('api'), [...typing('web'), came]] as const;
    const result = await onTerminal(host, ['destroy'], dialogue);
    expect(result.exitCode).toBe(4);
    expect(result.stdout).toMatch(/data came into homes that it deletes: 1 home with .*web1/);
    expect(await shell(host, 'cat /web/home/web1/file /api/home/api1/more')).toBe('mine\nmine\n');
    await shell(host, 'rm /web/home/web1/file /api/home/api1/more');
  });

  test('is not asked for when its jail is protected: that is a conflict', async () => {
    await writeManifest(host, two.replaceAll('tools: []', 'tools: [], protect: true'));
    await apply(host);
    const before = await stateOf(host);
    for (const manifest of [one, 'jails: {}\n']) {
      await writeManifest(host, manifest.replaceAll('tools: []', 'tools: [], protect: true'));
      const args = ['apply', '--yes', '--destroy-data', ...file];
      const result = await host.jailctl(args);
      expect(result).toMatchObject({ exitCode: 4 });
      expect(result.stdout).toContain('! jail web is protected: neither it nor its homes may be');
    }
    expect(await host.jailctl(['destroy', '--yes', '--destroy-data'])).toMatchObject({
      exitCode: 4,
    });
    expect(await stateOf(host)).toEqual(before);
    await writeManifest(host, two);
    await apply(host);
  });

  test('is deleted for the names of the jails, each typed', async () => {
    await writeManifest(host, one);
    const shrunk = await onTerminal(host, ['apply', ...file], [yes, typing('web')]);
    expect(shrunk).toMatchObject({ exitCode: 0 });
    expect(shrunk.stdout).toMatch(/Deletes 1 home with [\d.]+ \S+ of data: \/web\/home\/web2\./);
    await expectNothingToDo(host);
    expect(Object.keys(await jailUsers(host))).toEqual(['api1', 'web1']);
    await shell(host, 'test ! -e /web/home/web2; echo mine >/web/home/web1/file');

    const both = await onTerminal(host, ['destroy'], [yes, typing('api'), typing('web')]);
    expect(both).toMatchObject({ exitCode: 0 });
    await shell(host, 'test ! -e /web; test ! -e /api');
  });
});

describe('a home', () => {
  test.for([
    ['an empty file', 'touch /web/home/web1/empty'],
    ['an empty hidden file', 'touch /web/home/web1/.profile'],
    ['an empty directory', 'mkdir /web/home/web1/d'],
    ['a broken symlink', 'ln -s nowhere /web/home/web1/l'],
    ['a name that is no UTF-8', 'touch "$(printf \'/web/home/web1/\\377\')"'],
  ])('has data when it holds %s', async ([, setup = '']) => {
    await writeManifest(host, one);
    await apply(host);
    await shell(host, setup);
    expect(await host.jailctl(['destroy', '--yes'])).toMatchObject({ exitCode: 4 });
    const flags = { env: { JAILCTL_DESTROY_DATA: '1' } };
    expect(await host.jailctl(['destroy', '--yes'], flags)).toMatchObject({ exitCode: 0 });
    await shell(host, 'test ! -e /web');
  });

  test('that is empty needs no word of its own', async () => {
    await writeManifest(host, two);
    await apply(host);
    await writeManifest(host, one);
    expect(await host.jailctl(['apply', '--yes', ...file])).toMatchObject({ exitCode: 0 });
    const result = await onTerminal(host, ['destroy'], [yes]);
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.stdout).toContain('an empty home is deleted');
    expect(result.stdout).not.toContain('Type the name');
  });
});
