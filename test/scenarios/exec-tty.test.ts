import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { type Dialogue, jailctlShell, onTerminal } from './cli.ts';
import { engineHost, leftovers } from './exec-jail.ts';

const firstUid = 86000;

describe.for(['runc', 'crun'])('a program on a terminal, by %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost(
      engine,
      `uids: ${firstUid}-${firstUid + 999}
jails: { box: { users: 1, tools: [sh, tty, stty, sleep], limits: { processes: 8 } } }
`,
    );
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const onTty = (script: string, dialogue: Dialogue) =>
    onTerminal(
      host,
      ['exec', '--tty', '--engine', engine, 'box', '--', 'sh', '-c', script],
      dialogue,
    );

  test('has one of its own, of the same size, and reads what is typed', async () => {
    const { exitCode, stdout } = await onTty(
      'tty; stty size; read -r word; echo "got $word"; exit 7',
      [['24 80', 'hello\n']],
    );
    expect(stdout).toContain('got hello');
    expect(stdout).toMatch(/\/dev\/(?:pts\/0|console)/);
    expect(exitCode).toBe(7);
    expect(await leftovers(host, firstUid)).toBe('');
  });

  test('gets Ctrl-C itself', async () => {
    const script = "trap 'echo caught; exit 9' INT; echo ready; while :; do sleep 0.1; done";
    const { exitCode, stdout } = await onTty(script, [['ready', '\x03']]);
    expect(stdout).toContain('caught');
    expect(exitCode).toBe(9);
  });

  test('leaves the terminal as it was, also when it is ended in raw mode', async () => {
    const script = `stty raw -echo; echo ready; sleep 60`;
    const jailctl = `${jailctlShell([])} exec --tty --limit wall_time=1s --engine ${engine}`;
    const { stdout } = await host.run(
      [
        ...(['script', '--quiet', '--return', '--command'] as const),
        `stty --save; ${jailctl} box -- sh -c '${script}'; echo "exit $?"; stty --save`,
        '/dev/null',
      ],
      { env: { SHELL: '/bin/sh', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
    );
    const lines = stdout.split(/\r?\n/).filter((line) => /^[0-9a-f:]{20,}$/.test(line));
    expect(stdout).toContain('exit 137');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(lines[1]);
  });
});

describe('without a terminal', () => {
  test('--tty is refused, before anything runs', async () => {
    await using host = await testHost();
    const { exitCode, stderr } = await host.jailctl(['exec', '--tty', 'box', '--', 'sh']);
    expect(stderr).toContain('--tty needs a terminal');
    expect(exitCode).toBe(3);
  });
});
