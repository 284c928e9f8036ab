import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jsonLines } from './cli.ts';
import { apply, destroy, expectNothingToDo, manifestPath, shell, writeManifest } from './jails.ts';

const file = ['--file', manifestPath] as const;
const directory = '/var/log/jailctl';
const journal = `${directory}/journal.log`;
const jail = 'jails:\n  web: { users: 1, tools: [] }\n';

interface Line {
  readonly time: string;
  readonly pid: number;
  readonly plan: string;
  readonly change: string;
  readonly action: string;
}

const linesOf = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));

const written = async (host: TestHost) => linesOf(await host.read(journal));

/** One host for all that begins without a jail and without a journal. */
const made = testHost();
let host: TestHost;
beforeEach(async () => {
  host = await made;
  const unmount = `! mountpoint -q ${directory} || umount ${directory}`;
  await shell(host, `${unmount}; rm -rf ${directory} /dev/log`);
  await writeManifest(host, jail);
});
afterAll(async () => (await made)[Symbol.asyncDispose]());

describe('the journal', () => {
  test('has a line for each change of an apply and a destroy, in their order', async () => {
    const env = { SUDO_USER: 'alice' };
    for (const [command, args] of [
      ['apply', file],
      ['destroy', []],
    ] as const) {
      await shell(host, `rm -f ${journal}`);
      const result = await host.jailctl([command, '--yes', '--json', ...args], { env });
      expect(result.exitCode, result.stdout).toBe(0);
      const applied = jsonLines(result.stdout).filter(({ type }) => type === 'change_applied');
      expect(applied.length).toBeGreaterThan(5);
      const lines = await written(host);
      expect(lines).toEqual(
        applied.map(({ address, action }: { address?: string; action?: string }) => ({
          ...{ command, change: address, action, outcome: 'done', who: 'alice' },
          ...{ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), pid: expect.any(Number) },
          plan: expect.stringMatching(/^[0-9a-f]{12}$/),
          ...(address === 'account/web1' && { uid: 70_000 }),
          ...('login_uid' in (lines[0] ?? {}) && { login_uid: expect.any(Number) }),
        })),
      );
      expect(new Set(lines.map(({ plan, pid }) => `${plan} ${pid}`)).size).toBe(1);
    }
    expect(await shell(host, `stat --format=%a:%u ${directory} ${journal}`)).toBe('700:0\n600:0\n');
  });

  test('says nothing of what changes nothing', async () => {
    await apply(host);
    const before = await host.read(journal);
    await apply(host);
    await host.jailctl(['plan', ...file]);
    await writeManifest(host, 'jails:\n  web: { users: 1, tools: [], protect: true }\n');
    expect(await host.jailctl(['apply', ...file])).toMatchObject({ exitCode: 4 });
    expect(await host.read(journal)).toBe(before);
    await destroy(host);
  });

  test('says what failed, and why; and the same plan has the same id when it is made again', async () => {
    await shell(host, 'mv /usr/sbin/vipw /usr/sbin/v; ln -s /bin/false /usr/sbin/vipw');
    const failed = await host.jailctl(['apply', '--yes', ...file]);
    expect(failed.exitCode).toBe(1);
    const lines = await written(host);
    expect(lines.filter((line) => line.change === 'account/web1')).toMatchObject([
      { action: 'create', outcome: 'failed', error: expect.stringContaining('account files') },
    ]);
    expect(lines.filter((line) => line.change.startsWith('tree/'))).toEqual([]);
    await host.jailctl(['apply', '--yes', ...file]);
    await host.jailctl(['apply', '--yes', ...file]);
    const ids = (await written(host)).filter(({ change }) => change === 'account/web1');
    expect(ids[1]?.plan).toBe(ids[2]?.plan);
    expect(ids[0]?.plan).not.toBe(ids[1]?.plan);
    await shell(host, 'mv /usr/sbin/v /usr/sbin/vipw');
    await apply(host);
    await destroy(host);
  });

  test('has no secret: neither a value of env nor a hash', async () => {
    const secret = 'hunter2-of-env';
    await writeManifest(host, jail.replace('tools: []', `tools: [], env: { TOKEN: ${secret} }`));
    await apply(host);
    await host.ok(['chpasswd'], { input: 'web1:hunter2-of-account\n' });
    const hash = (await shell(host, 'grep ^web1: /etc/shadow')).split(':')[1] ?? '';
    expect(hash).toMatch(/^\$.{20,}/);
    await shell(host, 'mv /usr/sbin/vipw /usr/sbin/v; ln -s /bin/false /usr/sbin/vipw');
    expect(await host.jailctl(['apply', '--yes', ...file])).toMatchObject({ exitCode: 1 });
    await shell(host, 'mv /usr/sbin/v /usr/sbin/vipw');
    await writeManifest(host, jail.replace('tools: []', 'tools: [], env: { TOKEN: other }'));
    await apply(host);
    await destroy(host);
    const text = await host.read(journal);
    expect(text).toContain(
      '"change":"account/web1","action":"update","uid":70000,"outcome":"failed"',
    );
    expect(text).toContain(
      '"change":"account/web1","action":"update","uid":70000,"outcome":"done"',
    );
    expect(text).toContain('"change":"jail/web","action":"update"');
    for (const part of [secret, 'hunter2', hash, ...hash.split('$').filter((p) => p.length > 8)]) {
      expect(text).not.toContain(part);
    }
  });

  test('begins a new file at 1 MiB, and keeps five old ones', async () => {
    await shell(
      host,
      `install -d -m 0700 ${directory}; cd ${directory}; head -c 1048576 /dev/zero >journal.log
       for n in 1 2 3 4 5; do echo $n >journal.log.$n; done`,
    );
    await apply(host);
    expect((await written(host)).length).toBeGreaterThan(5);
    expect(
      await shell(host, `cd ${directory}; stat --format=%n:%s journal.log.1; head *.[2-9]; ls`),
    ).toMatch(
      /^journal.log.1:1048576\n==> journal.log.2 <==\n1\n[\s\S]*log.5 <==\n4\njournal.log\n(journal.log.[1-5]\n){5}$/,
    );
    await shell(host, `cp ${journal} /run/first`);
    await destroy(host);
    // Below that size, lines are added.
    expect(await shell(host, `cmp -n $(stat -c %s /run/first) /run/first ${journal}`)).toBe('');
  });
});

describe('a journal that can not be written', () => {
  test.for([
    [
      'a symlink in its place',
      `install -d -m 0700 ${directory}; echo mine >/srv/victim; ln -s /srv/victim ${journal}`,
    ],
    ['a symlink to nowhere', `install -d -m 0700 ${directory}; ln -s /srv/new ${journal}`],
    [
      'a directory that is a symlink',
      `install -d -m 0700 /srv/elsewhere; ln -s /srv/elsewhere ${directory}`,
    ],
    ['a directory that others can write to', `install -d -m 0777 ${directory}`],
    ['a directory of a user', `install -d -m 0700 -o 1000 ${directory}`],
    [
      'a full disk',
      `install -d ${directory}; mount -t tmpfs -o size=4k,mode=0700 tmpfs ${directory}
       printf '%04000d\\n' 0 >${journal}`,
    ],
  ])('is a warning, and stops nothing: %s', async ([, setup = '']) => {
    await shell(host, `rm -rf /srv/*; ${setup}`);
    const listing = `find ${directory} /srv -printf '%p %y %m %U %l ' -a -type f -printf %s , -printf '\\n'`;
    const before = await shell(host, listing);
    for (const args of [
      ['apply', '--yes', ...file],
      ['destroy', '--yes'],
    ]) {
      const result = await host.jailctl(args);
      expect(result.exitCode, result.stderr).toBe(0);
      expect(result.stderr).toContain("jailctl: the journal can't be written: ");
    }
    expect(await shell(host, listing)).toBe(before);
    await shell(host, 'test ! -e /web');
  });
});

/** A logger of the system: it prints each datagram that comes to /dev/log, up to END. */
const logger = `
import signal, socket, sys
log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
log.bind('/dev/log')
print('listening', flush=True)
while sys.argv[1] == 'hangs':
    signal.pause()
message = ''
while not message.endswith('END'):
    message = log.recv(65536).decode().rstrip('\\0')
    print(message, flush=True)
`;

describe("the system's log", () => {
  test('gets every line whole, with its priority, the name jailctl and its PID', async () => {
    // More than logger(1) sends in one message by itself.
    const long = `/opt/${`${'d'.repeat(250)}/`.repeat(5)}tool`;
    await shell(host, `mkdir -p $(dirname ${long}); echo tool >${long}`);
    await writeManifest(host, jail.replace('[]', `[${long}]`));
    await using listening = host.spawn(['python3', '-c', logger, 'reads']);
    await listening.printed('listening');
    await apply(host);
    await destroy(host);
    await host.ok(['logger', 'END']);
    const lines = await written(host);
    expect(lines.map(({ change }) => change)).toContain(`tree/web${long}`);
    const { stdout } = await listening.result();
    const messages = stdout.trim().split('\n').slice(1, -1);
    expect(messages).toHaveLength(lines.length);
    for (const [at, message] of messages.entries()) {
      // <37>: auth (4) times 8, and notice (5).
      const [, pid, text = ''] =
        /^<37>\w{3} [ \d]\d [\d:]{8} jailctl\[(\d+)\]: (\{.*\})$/.exec(message) ?? [];
      expect(JSON.parse(text), message).toEqual(lines[at]);
      expect(Number(pid)).toBe(lines[at]?.pid);
    }
  });

  const nobody = `import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind('/dev/log')`;

  test.for([
    ['nobody reads from', `python3 -c "${nobody}"`],
    ['is a file', 'echo mine >/dev/log'],
  ])('is a warning and stops nothing when it is one that %s', async ([, setup = '']) => {
    await shell(host, setup);
    const result = await host.jailctl(['apply', '--yes', ...file]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).toContain("jailctl: the journal can't be written: ");
    // Its own journal has them all the same.
    expect((await written(host)).length).toBeGreaterThan(5);
    await destroy(host);
  });

  test('is a warning and stops nothing when its logger hangs', async () => {
    await using hanging = host.spawn(['python3', '-c', logger, 'hangs']);
    await hanging.printed('listening');
    const result = await host.jailctl(['apply', '--yes', ...file]);
    expect(result.exitCode, result.stderr).toBe(0);
    expect(result.stderr).toContain("jailctl: the journal can't be written: ");
    expect((await written(host)).length).toBeGreaterThan(5);
    await expectNothingToDo(host);
    await destroy(host);
  });
});
