import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectValid, printed } from '../documents/run.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { asNobody, installForEverybody, jailctlPath, onTerminal } from '../scenarios/cli.ts';
import { provision } from '../scenarios/exec-jail.ts';

const probeProgram = jailctlPath.replace(/jailctl\.js$/, 'jailctl-probe');
const only = ['--only', 'files/absolute-path'] as const;

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(
    host,
    `uids: 84000-84099
jails:
  empty: { users: 0, tools: [] }
  one: { users: 1, tools: [] }
  two: { users: 2, tools: [] }
`,
  );
});
afterAll(() => host[Symbol.asyncDispose]());

describe('jailctl verify', () => {
  test('attacks every jail that has a user, and says what holds', async () => {
    const { exitCode, stdout, stderr } = await host.jailctl(['verify', ...only]);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^jail one at \/srv\/one, engine \w+\n/);
    expect(stdout).toContain('\njail one holds\n');
    expect(stdout).toMatch(/\njail two holds\n.*\n2 probes: 2 passed\nall 2 jails hold\n$/s);
    expect(stderr).toContain('jail empty is not verified');
    expect(stderr).toContain('jail two ██████████ 1 of 1: 1 passed\n');
  });

  test('with --json prints one document, and nothing else', async () => {
    const args = ['verify', '--jail', 'one', ...only];
    expect(await printed(host, args, { schema: 'verify' })).toMatchObject({
      conclusion: 'holds',
      interrupted: false,
      jails: [{ jail: 'one', path: '/srv/one', made_by_jailctl: true }],
    });
  });

  test('attacks a jail of another maker, by chroot, and says what that ends', async () => {
    const args = ['verify', ...only, '--path', '/srv/two', '--user', 'two2', '--json'];
    const { exitCode, stdout, stderr } = await host.jailctl(args);
    expect(exitCode, stdout).toBe(0);
    expect(stderr).toContain('warning: verify ends the processes of two2');
    expectValid('verify', JSON.parse(stdout));
    expect(JSON.parse(stdout)).toMatchObject({
      jails: [{ path: '/srv/two', engine: 'chroot', made_by_jailctl: false }],
    });
  });

  test('exits with 6 when the attempts go wrong', async () => {
    // A probe program that says nothing.
    const script = `mount --bind /bin/true ${probeProgram}; exec "$@"`;
    const broken = ['unshare', '--mount', 'sh', '-e', '-c', script, 'sh'] as const;
    const args = ['verify', '--jail', 'one', ...only, '--json'];
    const { exitCode, stdout } = await host.run([
      ...broken,
      process.execPath,
      jailctlPath,
      ...args,
    ]);
    expect(exitCode, stdout).toBe(6);
    const document = JSON.parse(stdout);
    expectValid('verify', document);
    expect(document).toMatchObject({
      conclusion: 'not_proven',
      jails: [{ probes: [{ verdict: 'not_proven', went_wrong: true }] }],
    });
  });

  test('writes JUnit XML beside the text, and Markdown instead of it', async () => {
    const args = ['verify', '--jail', 'one', ...only, '--junit', '/run/verify.xml'];
    const { exitCode, stdout } = await host.jailctl([...args, '--markdown']);
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^## ✅ jail `one` holds\n/)]);
    expect(await host.read('/run/verify.xml')).toMatch(
      /<testcase classname="one.files" name="files\/absolute-path" time="\d\.\d{3}"\/>/,
    );
  });

  test('redraws a list on a terminal, and then writes the text', async () => {
    const { stdout } = await onTerminal(host, ['verify', '--jail', 'one', ...only], [], {
      env: { TERM: 'xterm' },
    });
    expect(stdout).toMatch(/✔.*jail one ██████████ 1 of 1: 1 passed/);
    expect(stripVTControlCharacters(stdout)).toContain('\njail one holds\r\n');
    expect(stdout).not.toContain('\njail one holds');
  });

  test('has a probe program in which each action has a name of its own', async () => {
    const list = await host.ok([probeProgram, '--list']);
    const names = [...list.matchAll(/^\S+/gm)].map(([name]) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  test('takes its options from the environment, lists with commas', async () => {
    const env = { JAILCTL_ONLY: 'files/absolute-path,terminal', JAILCTL_SKIP: 'terminal' };
    const { stdout } = await host.jailctl(['verify', '--list'], { env });
    expect(stdout).toMatch(/^files: 1 probe\n\nfiles\/absolute-path \(critical\)\n/);
  });

  test('documents its probes to everybody', async () => {
    await installForEverybody(host);
    const { exitCode, stdout } = await asNobody(host, ['verify', '--list', '--json']);
    expect(exitCode).toBe(0);
    expectValid('verify', JSON.parse(stdout));
    expect((await asNobody(host, ['verify'])).exitCode).toBe(7);
  });

  test.for([
    [['--json', '--markdown']],
    [['--list', '--markdown']],
    [['--list', '--junit', '/run/list.xml']],
    [['--path', '/srv/one', '--user', 'one1', '--jail', 'one']],
    [['--path', '/srv/one']],
    [['--only', 'files/none']],
    [['--only', 'files', '--skip', 'files']],
    [['--jail', 'empty']],
    [['--jail', 'none']],
    [['--junit', '/run/none/verify.xml']],
  ] as const)('refuses %j', async ([args]) => {
    const { exitCode, stdout, stderr } = await host.jailctl(['verify', ...args]);
    expect(exitCode, stdout + stderr).toBe(3);
    expect(await host.run(['test', '-e', '/run/list.xml'])).toMatchObject({ exitCode: 1 });
  });

  test('that is interrupted says so, also in JUnit XML', async () => {
    const args = ['verify', '--jail', 'two', '--json', '--junit', '/run/cut.xml'];
    // In the moment in which the file is opened, before the work begins.
    const trace = ['strace', '--output=/run/trace', '--trace-path=/run/cut.xml'] as const;
    const argv = [...trace, '--inject=openat:signal=TERM', process.execPath, jailctlPath] as const;
    const { exitCode, stdout } = await host.run([...argv, ...args]);
    expect(await host.read('/run/trace')).toMatch(/^openat.*\n--- SIGTERM/m);
    expect(exitCode, stdout).toBe(143);
    expectValid('verify', JSON.parse(stdout));
    expect(JSON.parse(stdout)).toMatchObject({ interrupted: true });
    expect(await host.read('/run/cut.xml')).toContain('the verification was interrupted');
  });
});
