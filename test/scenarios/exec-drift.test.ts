import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CommandOptions } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { shell } from './jails.ts';

const manifest = `version: 1
root: /srv
uids: 86000-86999
jails:
  box: { users: 2, tools: [sh], limits: { memory: 64MiB }, env: { A: b } }
  other: { users: 1, tools: [sh] }
`;

/** Where a program is run from: its manifest is compared. */
const here = '/root/here';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await host.write(`${here}/jails.yaml`, manifest);
  const applied = await host.jailctl(['apply', '--yes'], { cwd: here });
  expect(applied).toMatchObject({ exitCode: 0 });
});
afterAll(() => host[Symbol.asyncDispose]());
beforeEach(() => host.write(`${here}/jails.yaml`, manifest));

const edit = (from: string | RegExp, to: string) => {
  const text = manifest.replace(from, to);
  expect(text).not.toBe(manifest);
  return host.write(`${here}/jails.yaml`, text);
};

const exec = (options: readonly string[] = [], more: CommandOptions = { cwd: here }) =>
  host.jailctl(['exec', ...options, 'box', '--', 'sh', '-c', 'echo ran'], more);

const silent = { exitCode: 0, stdout: 'ran\n', stderr: '' };

describe('before a run', () => {
  test('nothing is said when the jail is as its manifest says', async () => {
    expect(await exec()).toEqual(silent);
    expect(await exec(['--strict'])).toEqual(silent);
    expect(await exec(['--file', 'jails.yaml'], { cwd: here })).toEqual(silent);
  });

  test('nothing is said where there is no manifest', async () => {
    expect(await exec([], { cwd: '/' })).toEqual(silent);
  });

  test.for([
    ['memory', 'memory: 64MiB', 'memory: 65MiB'],
    ['processes', '64MiB }', '64MiB, processes: 3 }'],
    ['cpus', '64MiB }', '64MiB, cpus: 1 }'],
    ['users', 'users: 2', 'users: 3'],
    ['env', 'A: b', 'A: c'],
    ['env', ', env: { A: b }', ''],
    ['network', 'users: 2', 'users: 2, network: host'],
    ['home', 'users: 2', 'users: 2, home: fresh'],
    ['engine', 'users: 2', 'users: 2, engine: runc'],
    ['optional', 'users: 2', 'users: 2, optional: [memory]'],
    ['protect', 'users: 2', 'users: 2, protect: true'],
    ['path', 'users: 2', 'users: 2, path: /srv/elsewhere'],
  ] as const)('a warning names %s when the manifest has %j as %j', async ([name, from, to]) => {
    await edit(from, to);
    expect(await exec()).toEqual({
      exitCode: 0,
      stdout: 'ran\n',
      stderr: [
        `jailctl: warning: jail box is not as jails.yaml says: ${name} differs`,
        '  hint: jailctl plan --file jails.yaml --jail box shows what apply would do',
        '',
      ].join('\n'),
    });
  });

  test('a warning names everything that differs', async () => {
    await edit(/users: 2.*\n/, 'users: 1, tools: [sh], limits: { memory: 1GiB, output: 1KiB } }\n');
    expect((await exec()).stderr).toContain(
      'users differs; memory differs; output differs; env differs\n',
    );
  });

  test('nothing is said of another jail, of the tools, or of comments', async () => {
    await host.write(
      `${here}/jails.yaml`,
      `# new\n${manifest.replace('users: 1, tools', 'users: 3, tools').replace('tools: [sh], limits', 'tools: [sh, ls], limits')}`,
    );
    expect(await exec()).toEqual(silent);
  });

  test('a warning says that the manifest no longer has the jail', async () => {
    await edit(/ {2}box.*\n/, '');
    const { stderr, ...rest } = await exec();
    expect(rest).toEqual({ exitCode: 0, stdout: 'ran\n' });
    expect(stderr).toContain('jail box is not as jails.yaml says: the manifest does not name it');
  });

  test('a warning comes before a batch, and before a script', async () => {
    await edit('64MiB', '65MiB');
    await host.write('/run/jobs', '{"argv":["sh"]}\n');
    const batch = await host.jailctl(['exec', '--batch', '/run/jobs', 'box'], { cwd: here });
    expect(batch.stderr.split('\n')[0]).toContain('memory differs');
    const script = await exec(['--print']);
    expect(script).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('memory differs'),
    });
  });

  test('the manifest is the one that is named, by the option or by the variable', async () => {
    await host.write('/root/there.yaml', manifest.replace('64MiB', '65MiB'));
    const warning = /is not as \/root\/there\.yaml says: memory differs/;
    expect((await exec(['-f', '/root/there.yaml'])).stderr).toMatch(warning);
    const env = { JAILCTL_FILE: '/root/there.yaml' };
    expect((await exec([], { cwd: here, env })).stderr).toMatch(warning);
    expect(await exec(['-f', 'jails.yaml'], { cwd: here, env })).toEqual(silent);
  });
});

describe('with --strict', () => {
  const refused = (stderr: RegExp) => ({
    exitCode: 4,
    stdout: '',
    stderr: expect.stringMatching(stderr),
  });

  test('a run is refused when the settings differ', async () => {
    await edit('64MiB', '65MiB');
    expect(await exec(['--strict'])).toEqual(
      refused(/^jailctl: jail box is not .*jail\/box to update/),
    );
    const env = { JAILCTL_STRICT: '1' };
    expect(await exec([], { cwd: here, env })).toEqual(refused(/jail\/box to update/));
  });

  test('a run is refused when a file of the jail was changed, until apply mends it', async () => {
    await shell(host, 'chmod 0777 /srv/box/usr/bin; echo >>/srv/box/etc/passwd');
    expect(await exec()).toEqual(silent);
    expect(await exec(['--strict'])).toEqual(
      refused(
        /tree\/box\/usr\/bin to update[\s\S]*hint: jailctl plan --file jails.yaml --jail box/,
      ),
    );
    const applied = await host.jailctl(['apply', '--yes', '--jail', 'box'], { cwd: here });
    expect(applied).toMatchObject({ exitCode: 0 });
    expect(await exec(['--strict'])).toEqual(silent);
  });

  test('a run is refused when the packet rules are gone', async () => {
    await shell(host, 'iptables -D OUTPUT 1');
    expect(await exec(['--strict'])).toEqual(refused(/firewall\/ipv4 to (?:create|update)/));
    await host.jailctl(['apply', '--yes'], { cwd: here });
    expect(await exec(['--strict'])).toEqual(silent);
  });

  test('not more than three differences are named', async () => {
    await edit(/users: 2.*\n/, 'users: 2, tools: [sh, ls, cat, sleep] }\n');
    const { stderr } = await exec(['--strict']);
    expect(stderr).toMatch(/says: [^;\n]+; [^;\n]+; [^;\n]+; and \d+ more\n/);
  });

  test('a run is refused when there is no manifest, or none with this jail', async () => {
    expect(await exec(['--strict'], { cwd: '/' })).toMatchObject({ exitCode: 3, stdout: '' });
    await edit(/ {2}box.*\n/, '');
    expect(await exec(['--strict'])).toEqual(refused(/account\/box1 to delete/));
  });
});

describe('a manifest that can not be used', () => {
  test('is a warning where nobody asked for it, and the program runs', async () => {
    await edit('users: 2', 'users: -2');
    const { exitCode, stderr } = await exec([]);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^jailctl: warning: jails\.yaml is no good manifest.*\n {2}hint: /);
  });

  test('that was asked for keeps a program from running, with its mistakes', async () => {
    await edit('users: 2', 'users: -2');
    for (const options of [['--strict'], ['-f', 'jails.yaml']]) {
      const { exitCode, stdout, stderr } = await exec(options);
      expect([exitCode, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^jails\.yaml:5:\d+: /);
    }
    const json = await exec(['--json', '-f', 'jails.yaml']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      type: 'error',
      exit_code: 3,
      diagnostics: [{ file: 'jails.yaml', line: 5 }],
    });
  });

  test('that is named must be there', async () => {
    const missing = { exitCode: 3, stdout: '', stderr: expect.stringContaining('/none.yaml') };
    expect(await exec(['-f', '/none.yaml'])).toEqual(missing);
    expect(await exec([], { cwd: here, env: { JAILCTL_FILE: '/none.yaml' } })).toEqual(missing);
  });
});
