import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { shell } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host?.[Symbol.asyncDispose]());

/** Makes a jail by shell text, and gives what import says that its tools are. */
async function toolsOf(make: string): Promise<readonly string[]> {
  await shell(host, `exec >/dev/null 2>&1; rm -rf /old; mkdir /old; ${make}`);
  const { exitCode, stdout, stderr } = await host.jailctl(['import', '/old', '--json']);
  if (exitCode !== 0) throw new Error(`${stdout}${stderr}`);
  const { jails, manifest }: { jails: [{ tools: string[] }]; manifest: string } =
    JSON.parse(stdout);
  await host.write('/run/old.yaml', manifest);
  expect(await host.jailctl(['validate', '--file', '/run/old.yaml'])).toMatchObject({
    exitCode: 0,
  });
  return jails[0].tools;
}

test.for([
  ['a command', 'jk_cp -j /old /usr/bin/env', ['env']],
  [
    'a command in a place of its own',
    'mkdir -p /opt/x; cp /bin/true /opt/x/own; jk_cp -j /old /opt/x/own',
    ['/opt/x/own'],
  ],
  [
    'a script, with its interpreter',
    'printf "#!/bin/sh\\n:\\n" >/usr/local/bin/mine; chmod 755 /usr/local/bin/mine; jk_cp -j /old /usr/local/bin/mine /bin/sh',
    ['dash', 'mine', 'sh'],
  ],
  [
    'a command that hides another of its name',
    'cp /bin/true /usr/local/bin/ls; jk_cp -j /old /usr/bin/ls; rm /usr/local/bin/ls',
    ['ls'],
  ],
  [
    'a directory, whole',
    'mkdir -p /opt/whole/in; for n in 1 2 3 4; do echo $n >/opt/whole/in/$n; done; jk_cp -j /old /opt/whole',
    ['/opt/whole'],
  ],
  [
    'a part of a directory',
    'mkdir -p /opt/part; for n in 1 2 3 4 5 6 7 8; do echo $n >/opt/part/$n; done; jk_cp -j /old /opt/part/1 /opt/part/2 /opt/part/3',
    ['/opt/part/1', '/opt/part/2', '/opt/part/3'],
  ],
  [
    'a package, with all that belongs to it',
    'jk_cp -j /old $(dpkg -L attr | while read -r f; do test -d "$f" || echo "$f"; done)',
    ['package:attr'],
  ],
  ['a section of Jailkit', 'jk_init -j /old basicshell', ['jailkit:basicshell']],
  ['nothing', 'mkdir -p /old/etc', []],
  [
    'what no list may have',
    'mkdir -p /old/etc /old/root; cp /etc/shadow /old/etc/shadow; echo x >/root/secret; echo x >/old/root/secret; mkfifo /old/pipe',
    [],
  ],
] as const)('%s is what the list of tools has', { timeout: 60_000 }, async ([, make, tools]) => {
  expect(await toolsOf(make)).toEqual(tools);
});

test('a tool that was made for somebody alone is told, not named', async () => {
  const make =
    'mkdir -p /opt/s; echo x >/opt/s/key; jk_cp -j /old /opt/s/key; chmod 0600 /opt/s/key';
  expect(await toolsOf(make)).toEqual([]);
  const { stdout } = await host.jailctl(['import', '/old']);
  expect(stdout).toContain('not taken: /opt/s/key: /opt/s/key is not readable by everybody');
});
