import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { requirement } from './cli.ts';
import { manifestPath, shell, writeManifest } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await shell(
    host,
    "printf '#!/usr/bin/perl\\nprint 1' >/usr/local/bin/hello; chmod 755 /usr/local/bin/hello",
  );
  const tools = `requirements: [${requirement('python3')}], tools: [ls, sh, hello]`;
  await writeManifest(host, `jails:\n  web: { users: 2, ${tools} }\n`);
});
afterAll(() => host[Symbol.asyncDispose]());

const explain = (...args: string[]) => host.jailctl(['explain', ...args, '--file', manifestPath]);

describe('explain', () => {
  test('tells the chain that needs a library', async () => {
    const library = (
      await shell(host, 'realpath $(ldd /usr/bin/ls | grep -o "/[^ ]*libselinux[^ ]*")')
    ).trim();
    const { exitCode, stdout } = await explain('web', library);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`${library} is in jail web:`);
    expect(stdout).toMatch(/: a library of \/usr\/bin\/ls$/m);
    expect(stdout).toContain(`/usr/bin/ls: asked for as "ls" at ${manifestPath}:3`);
  });

  test('tells the script that an interpreter runs', async () => {
    const { stdout } = await explain('web', '/usr/bin/perl');
    expect(stdout).toMatch(/\/usr\/bin\/perl: runs \/usr\/local\/bin\/hello$/m);
    expect(stdout).toMatch(/\/usr\/local\/bin\/hello: asked for as "hello"/);
  });

  test('tells the line of a requirement file', async () => {
    const real = (await shell(host, 'realpath /usr/bin/python3')).trim();
    const { stdout } = await explain('web', real);
    expect(stdout).toContain('a link leads there from /usr/bin/python3');
    expect(stdout).toMatch(/asked for as "python3" at .*python3\.txt:\d+$/m);
  });

  test('follows the links to a path: /bin is /usr/bin', async () => {
    const { exitCode, stdout } = await explain('web', '/bin/sh');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('/usr/bin/sh is in jail web:');
  });

  test('takes a path as it is on the host, too', async () => {
    const { stdout } = await explain('web', '/web/usr/bin/ls/');
    expect(stdout).toContain('/usr/bin/ls is in jail web:');
  });

  test.for(['/etc/passwd', '/etc/ld.so.cache', '/dev/null', '/home/web2', '/home', '/'])(
    'says that jailctl makes %s',
    async (path) => {
      const { exitCode, stdout } = await explain('web', path);
      expect(exitCode).toBe(0);
      expect(stdout).toBe(
        `${path} is in jail web:\n  ${path}: made by jailctl, as in every jail\n`,
      );
    },
  );

  test.for([
    ['/usr/bin/lss', '/usr/bin/ls'],
    ['/etc/paswd', '/etc/passwd'],
  ])('says that there is no %s, and names %s', async ([path = '', near = '']) => {
    const { exitCode, stdout, stderr } = await explain('web', path);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`jailctl: jail web has no ${path}\n  hint: near it: `);
    expect(stderr).toContain(near);
  });

  test('has no home for a user that the manifest does not have', async () => {
    expect(await explain('web', '/home/web3')).toMatchObject({ exitCode: 3 });
  });

  test('suggests the jail that was meant', async () => {
    const { exitCode, stderr } = await explain('wep', '/bin/sh');
    expect({ exitCode, stderr }).toEqual({
      exitCode: 3,
      stderr: 'jailctl: the manifest has no jail wep\n  hint: did you mean web?\n',
    });
  });

  test('tells what each tool brings', async () => {
    const { exitCode, stdout } = await explain('web');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^jail web: [\d,]+ files, [\d.]+ MiB\n/);
    expect(stdout).toMatch(/^ {2}ls +\d+ files? /m);
    expect(stdout).not.toMatch(/ 1 files/);
  });

  test('gives the same as JSON', async () => {
    const json = async (...args: string[]) => JSON.parse((await explain(...args, '--json')).stdout);
    expect(await json('web', '/usr/bin/ls')).toMatchObject({
      format_version: '1.0',
      jail: 'web',
      path: '/usr/bin/ls',
      type: 'file',
      chain: [{ path: '/usr/bin/ls', because: 'requested', entry: 'ls' }],
    });
    expect(await json('web', '/etc/passwd')).toMatchObject({
      type: 'file',
      chain: [{ path: '/etc/passwd', because: 'made' }],
    });
    const { tools } = await json('web');
    expect(tools.map((tool: { entry: string }) => tool.entry)).toContain('hello');
  });
});
