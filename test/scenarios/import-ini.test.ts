import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { shell } from './jails.ts';

const own = '/etc/jailkit/jk_init.ini';

/** A list with all that a section can have, and with what no requirement file can. */
const odd = `[base]
comment = shared by others
paths = ls, /bin/cat, no-such-command
includesections = more
[more]
includesections: base, last
executables = /usr/bin/env
regularfiles = /etc/hosts, /etc/shadow, /no/such/file
directories = /opt/tool/, /proc
libraries = /lib*/ld-linux*.so.*, /nowhere/*.so
paths_w_setuid = /bin/su
devices = /dev/null, /dev/tty
emptydirs = /var/spool/empty
need_logsocket = 1
users = root, nobody
groups = nogroup
[last]
paths = rel/ative, two words, /etc/passwd, /opt/secret
[we/ird na"me]
paths = ls
`;

describe('import --ini', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await host.write('/run/odd.ini', odd);
    await shell(
      host,
      'mkdir /opt/tool; echo x >/opt/tool/data; echo x >/opt/secret; chmod 0600 /opt/secret',
    );
  });
  afterAll(() => host?.[Symbol.asyncDispose]());

  test('turns every key of a section and its includes into lines, or says why not', async () => {
    const { exitCode, stdout, stderr } = await host.jailctl([
      ...['import', '--ini', '/run/odd.ini', 'base'],
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(
      stdout
        .split('\n')
        .filter((line) => !line.startsWith('# '))
        .sort(),
    ).toEqual(
      [
        ...['', '/bin/cat', '/bin/su', '/etc/hosts', '/opt/tool', '/usr/bin/env', 'ls'],
        ...['/lib*/ld-linux*.so.*', '?/no/such/file', '?/nowhere/*.so', '?no-such-command'],
      ].sort(),
    );
    for (const told of [
      '# users: root, nobody: ',
      '# groups: nogroup: ',
      '# devices: /dev/null, /dev/tty: ',
      '# emptydirs: /var/spool/empty: ',
      '# need_logsocket: 1: ',
      '# paths_w_setuid: /bin/su: ',
      '# /etc/shadow: "/etc/shadow" never goes into a jail',
      '# /proc: "/proc" never goes into a jail',
      '# rel/ative: ',
      '# two words: "two words" is more than one word',
      '# /etc/passwd: every jail has its own.',
      '# /opt/secret: /opt/secret is not readable by everybody',
    ]) {
      expect(stdout).toContain(told);
    }
  });

  test("writes a file for each section of Jailkit's own list, and a manifest may name them all", async () => {
    const written = await host.jailctl(['import', '--ini', own, '--out', '/run/reqs']);
    expect(written, written.stderr).toMatchObject({ exitCode: 0 });
    const files = written.stdout.trim().split('\n');
    expect(files.length).toBeGreaterThan(15);
    expect(files).toContain('/run/reqs/basicshell.txt');
    const names = files.map((file) => file.slice('/run/'.length)).join(', ');
    await host.write(
      '/run/all.yaml',
      `version: 1\njails:\n  all: { users: 1, requirements: [${names}] }\n`,
    );
    const valid = await host.jailctl(['validate', '--file', '/run/all.yaml']);
    expect(valid, valid.stderr).toMatchObject({ exitCode: 0 });
  });

  test('brings the same as the section itself', async () => {
    const jails = `version: 1
jails:
  a: { users: 1, tools: ['jailkit:basicshell'] }
  b: { users: 1, requirements: [reqs/basicshell.txt] }
`;
    await host.write('/run/both.yaml', jails);
    const paths = async (jail: string) => {
      const args = ['plan', '--json', '--jail', jail, '--file', '/run/both.yaml'];
      const plan: { changes: { address: string }[] } = JSON.parse(
        (await host.jailctl(args)).stdout,
      );
      const prefix = `tree/${jail}/`;
      const trees = plan.changes.filter(({ address }) => address.startsWith(prefix));
      return trees
        .map(({ address }) => address.slice(prefix.length))
        .filter((path) => !/^home./.test(path));
    };
    const section = await paths('a');
    expect(section.length).toBeGreaterThan(50);
    expect((await paths('b')).sort()).toEqual(section.sort());
  });

  test('gives a section with an odd name a file with a plain one', async () => {
    const { stdout } = await host.jailctl([
      ...['import', '--ini', '/run/odd.ini', '--out', '/run/odd', 'we/ird na"me'],
    ]);
    expect(stdout).toBe('/run/odd/we_ird_na_me.txt\n');
    expect(await host.read('/run/odd/we_ird_na_me.txt')).toMatch(/\nls\n$/);
  });

  test.for([
    ['a file that is not there', ['--ini', '/run/none.ini'], 3, 'there is no file /run/none.ini'],
    ['an unknown section', ['--ini', own, 'basicshel'], 3, 'sections: basicshell'],
    ['a list without a section', ['--ini', '/etc/hostname'], 3, 'has no section'],
    [
      'files that are there',
      ['--ini', own, '--out', '/run/reqs', 'ssh'],
      4,
      'would be overwritten',
    ],
    ['--json', ['--ini', own, '--json'], 3, '--ini has no JSON'],
  ] as const)('refuses %s', async ([, args, exitCode, message]) => {
    const { stdout, stderr, ...ended } = await host.jailctl(['import', ...args]);
    expect(ended.exitCode).toBe(exitCode);
    expect(`${stdout}${stderr}`).toContain(message);
  });
});
