import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAnswer } from '../../src/model/probe-answer.ts';
import { type TestHost, testHost } from '../rig/host.ts';

const probe = fileURLToPath(new URL('../../dist/jailctl-probe', import.meta.url));

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
});
afterAll(() => host?.[Symbol.asyncDispose]());

const run = (...args: readonly string[]) => host.run([probe, ...args]);
const answerOf = async (...args: readonly string[]) => parseAnswer((await run(...args)).stdout);
const shell = (script: string, ...args: readonly string[]) =>
  host.ok(['sh', '-c', script, 'sh', ...args]);

describe('the probe program', () => {
  test('lists its actions: no name twice, and each with its arguments', async () => {
    const { exitCode, stdout } = await run('--list');
    const lines = stdout.split('\n').slice(0, -1);
    const names = lines.map((line) => line.split(' ')[0]);
    expect(exitCode).toBe(0);
    expect(lines).toContain('read-file PATH');
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  test.for([
    ['no action', [], 'which action?'],
    ['an unknown action', ['read-fil'], 'read-fil'],
    ['an unknown option', ['--ass', '1'], '--ass'],
    ['no argument', ['read-file'], 'usage: jailctl-probe read-file PATH'],
    ['too many arguments', ['read-file', '/a', '/b'], 'usage: jailctl-probe read-file PATH'],
    ['an option without its value', ['--as'], '--as'],
    ['a UID that is no number', ['--as', '12x', 'read-file', '/'], 'not a number: 12x'],
    ['an empty UID', ['--as', '', 'read-file', '/'], 'not a number: '],
    ['a UID that is negative', ['--as', '-5', 'read-file', '/'], '--as'],
    ['a UID that means "as it is"', ['--as', '4294967295', 'read-file', '/'], '--as'],
  ] as const)('exits with 64 and says nothing for %s', async ([, args, complaint]) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: 64,
      stdout: '',
      stderr: expect.stringContaining(complaint),
    });
  });

  test('says what it was refused, at which call, and exits with 0', async () => {
    const { exitCode, stdout } = await run('read-file', '/no/such');
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'call open\noutcome ENOENT\n' });
  });

  test('makes control characters harmless, and keeps a value on one line', async () => {
    await host.write('/root/hostile', 'a\nb\u001b[2Jc\u007f\toutcome done\n');
    const { facts } = await answerOf('read-file', '/root/hostile');
    expect(facts.get('text')).toBe('a?b?[2Jc??outcome done?');
  });

  test('exits with 70, and not with 0, when nobody hears it', async () => {
    const script = '"$1" read-file /etc/passwd >/dev/full; echo $?';
    expect(await shell(script, probe)).toBe('70\n');
  });
});

describe('the probe program as another user', () => {
  test('has a root directory with nothing in it, where it is told to', async () => {
    await shell('mkdir -p /root/empty; chmod 711 /root');
    const inside = ['--root', '/root/empty', '--as', '70000'];
    expect((await answerOf(...inside, 'list-directory', '/')).outcome).toBe('empty');
    expect((await answerOf(...inside, 'list-directory', '.')).outcome).toBe('empty');
    expect((await run('--root', '/no/such', 'list-directory', '/')).exitCode).toBe(70);
  });

  test('has its UID and GID, no other groups, and no capabilities', async () => {
    const script = `setpriv --groups 27,100 "$1" --as 70000 read-file /proc/self/status`;
    const text = parseAnswer(await shell(script, probe)).facts.get('text') ?? '';
    expect(text).toContain('Uid:?70000?70000?70000?70000?Gid:?70000?70000?70000?70000?');
    expect(text).toMatch(/\?Groups:\? *\?/);
    expect(text).toContain(
      'CapInh:?0000000000000000?CapPrm:?0000000000000000?CapEff:?0000000000000000',
    );
  });

  test('needs root for that: without it, the probe itself has failed', async () => {
    const copy = '/usr/local/bin/probe';
    await shell('cp "$1" "$2"', probe, copy);
    for (const option of [['--as', '70001'], ['--isolated']]) {
      const ended = await host.run([copy, ...option, 'read-file', '/etc/passwd'], { user: 70000 });
      expect(ended).toMatchObject({ exitCode: 70, stdout: '' });
    }
  });
});

/** Starts an action that says `ready`, looks at it, closes its input, and shows all that it said. */
const watched = `
program=$1 look=$2; shift 2
mkfifo /tmp/in
"$program" "$@" </tmp/in >/tmp/out &
outer=$! tries=0
exec 3>/tmp/in
until grep -qx ready /tmp/out; do
  tries=$((tries + 1)); [ $tries -lt 500 ] || exit 1
  sleep 0.02
done
inner=$(pgrep -n -x jailctl-probe)
eval "$look"
exec 3>&-
wait $outer
echo "exit code $?"
cat /tmp/out
rm /tmp/in /tmp/out`;

describe('an action that waits', () => {
  test('says that it is ready, and ends when its input does', async () => {
    const said = await shell(watched, probe, 'ps -o stat= -p $outer | cut -c1', 'victim');
    expect(said).toMatch(/^S\nexit code 0\n(?:[^\n]*\n)*ready\n(?:[^\n]*\n)*outcome done\n$/);
  });

  test('ends with its parent when it is told to, whatever its UID', async () => {
    for (const options of [
      [],
      ['--as', '70000'],
      ['--isolated'],
      ['--isolated', '--as', '70000'],
    ]) {
      // The shell is the parent; its own input stays open.
      const script = `
        mkfifo /tmp/in; exec 3<>/tmp/in
        sh -c '"$0" --with-parent $$ "$@" victim </tmp/in >/tmp/out & sleep 60' "$@" &
        until grep -qx ready /tmp/out 2>/dev/null; do sleep 0.02; done
        kill -s KILL $!
        running() { ps -C jailctl-probe -o stat= | grep '^[^Z]'; }
        tries=0
        while running >/dev/null && [ $tries -lt 200 ]; do
          tries=$((tries + 1))
          sleep 0.02
        done
        running
        pkill -x sleep -P 1
        rm /tmp/in /tmp/out; true`;
      expect([options, await shell(script, probe, ...options)]).toEqual([options, '']);
    }
  });

  test('does not start when its parent has ended before', async () => {
    expect(await run('--with-parent', '999999', 'victim')).toMatchObject({
      exitCode: 70,
      stdout: '',
    });
  });
});

describe('the isolated probe program', () => {
  const names = ['mnt', 'pid', 'net', 'ipc', 'uts'];

  test('is in namespaces of its own', async () => {
    const look = `for name in ${names.join(' ')}; do
      [ "$(readlink /proc/$inner/ns/$name)" = "$(readlink /proc/self/ns/$name)" ] || echo $name
    done`;
    const said = await shell(watched, probe, look, '--isolated', 'victim');
    expect(said.split('exit code')[0]?.split('\n').filter(Boolean)).toEqual(names);
    expect(parseAnswer(said).outcome).toBe('done');
  });

  test('is process 1 there, as /proc shows', async () => {
    const { facts } = await answerOf('--isolated', 'read-file', '/proc/self/stat');
    expect(facts.get('text')).toMatch(/^1 \(/);
  });

  test('hands on how it ended', async () => {
    expect(await run('--isolated', '--as', '70000', 'read-file', '/etc/shadow')).toMatchObject({
      exitCode: 0,
      stdout: 'call open\noutcome EACCES\n',
    });
    expect(await shell('"$1" --isolated read-file / >/dev/full; echo $?', probe)).toBe('70\n');
  });
});
