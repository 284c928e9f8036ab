import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { initPipes } from './init-pipes.ts';

const init = fileURLToPath(new URL('../../dist/jailctl-init', import.meta.url));

/**
 * Runs the init program as process 1 of a PID namespace, as the user 71000 in the directory /home/it,
 * with a shell script as its program. Makes requests before that starts and after it has ended, and
 * prints every answer, with the file that comes with it. \`cut\` closes the lifeline.
 */
const harness = `
import json, os, resource, subprocess, sys
init, script, fsize, before, during, after = json.loads(sys.argv[1])
os.chdir('/home/it')
user = ['setpriv', '--reuid=71000', '--regid=71000', '--clear-groups', '--']
command = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc', *user, init, '--', 'sh', '-c', script]
${initPipes}
def prepare():
    to_process_1()
    os.umask(0)
    if fsize: resource.setrlimit(resource.RLIMIT_FSIZE, (fsize, fsize))
child = subprocess.Popen(command, close_fds=False, preexec_fn=prepare)
os.close(status_end); os.close(lifeline_end)
said = os.fdopen(status, 'rb')
answers = []
def hear():
    line = said.readline().decode().strip()
    if line.startswith('file '): line += ' ' + said.read(int(line.split()[1])).decode()
    answers.append(line)
    return line
def send(what):
    try: os.write(lifeline, what)
    except BrokenPipeError: pass
def ask(requests):
    for word, *rest in requests:
        if word == 'put':
            mode, path, text, size = (rest + [len(rest[2])])[:4]
            path = path.encode()
            send(b'put %s %d %d\\n' % (mode.encode(), size, len(path)) + path + text.encode())
            if size != len(text): continue
        elif word == 'get':
            size, path = rest
            path = path.encode()
            send(b'get %d %d\\n' % (size, len(path)) + path)
        elif word == 'cut':
            os.close(lifeline)
            return False
        else:
            send((word + '\\n').encode())
            continue
        if not hear() or answers[-1].startswith('failed') and word == 'put': return False
    return True
hear()
if ask(before):
    send(b'go\\n')
    hear()
    ask(during)
    hear()
    if ask(after): os.close(lifeline)
left = said.read()
if left: answers.append(left.decode().strip())
print(json.dumps([answers[1:], child.wait()]))
`;

type Request =
  | readonly ['put', mode: string, path: string, text: string, size?: number]
  | readonly ['get', sizeMax: number, path: string]
  | readonly [word: string];

describe('process 1 of a run copies', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await host.ok(['cp', init, '/tmp/init']);
  });
  afterAll(() => host[Symbol.asyncDispose]());
  beforeEach(async () => {
    await host.ok(['sh', '-c', 'rm -rf /home/it && mkdir /home/it && chown 71000:71000 /home/it']);
  });

  interface Talk {
    readonly before?: readonly Request[];
    readonly script?: string;
    readonly during?: readonly Request[];
    readonly after?: readonly Request[];
    readonly fileSizeMax?: number;
  }
  const talk = async (wanted: Talk) => {
    const { before = [], script = 'true', during = [], after = [], fileSizeMax = 0 } = wanted;
    const given = JSON.stringify(['/tmp/init', script, fileSizeMax, before, during, after]);
    const printed = await host.ok(['python3', '-c', harness, given], { timeoutMs: 20_000 });
    const [answers, exitCode] = JSON.parse(printed) as [string[], number];
    return { answers, exitCode };
  };
  /** Puts one file where an earlier run of the tenant has left things. */
  const put = async (path: string, planted: string) => {
    await host.ok(['sh', '-c', `cd /home/it && umask 0 && ${planted}`], { user: 71_000 });
    return (await talk({ before: [['put', '600', path, 'fresh']] })).answers;
  };
  /** Gets one file after a program that leaves things. */
  const get = async (path: string, planted: string) => {
    const { answers, exitCode } = await talk({ script: planted, after: [['get', 1000, path]] });
    expect(exitCode).toBe(0);
    return answers.slice(2);
  };
  const list = async () =>
    (await host.ok(['sh', '-c', 'cd /home/it && find . -mindepth 1 -printf "%P %y%m %u\n" | sort']))
      .trim()
      .split('\n');
  const going = ['done', 'started', 'exited 0'];

  test('files in, with their modes and the directories that lead to them', async () => {
    const before: Request[] = [
      ['put', '600', 'data', 'a\nput 1\n'],
      ['put', '700', 'new/deep/run', '#!/bin/sh\necho ran >/home/it/out'],
      ['put', '600', '/home/it/new/empty', ''],
    ];
    const { answers, exitCode } = await talk({
      before,
      script: 'new/deep/run',
      after: [['get', 4, 'out']],
    });
    const expected = ['done', 'done', 'done', 'started', 'exited 0', 'file 4 ran\n'];
    expect([answers, exitCode]).toEqual([expected, 0]);
    expect(await host.read('/home/it/data')).toBe('a\nput 1\n');
    expect(await list()).toEqual([
      'data f600 71000',
      'new d700 71000',
      'new/deep d700 71000',
      'new/deep/run f700 71000',
      'new/empty f600 71000',
      'out f666 71000',
    ]);
  });

  test.for([
    ['nothing', 'true'],
    ['a file', 'echo old >x'],
    ['a link to a file of root', 'ln -s /etc/hostname x'],
    ['a link to a file of its own', 'echo old >victim && ln -s victim x'],
    ['a link to nowhere', 'ln -s gone x'],
    ['another name of a file', 'echo old >victim && ln victim x'],
    ['a FIFO', 'mkfifo x'],
    ['a file that nobody may write', 'echo old >x && chmod 0 x'],
  ] as const)('a file into the place of %s', async ([, planted]) => {
    const hostname = await host.read('/etc/hostname');
    expect(await put('x', planted)).toEqual(going);
    expect(await host.read('/home/it/x')).toBe('fresh');
    expect((await list()).filter((line) => /^(?:x|gone) /.test(line))).toEqual(['x f600 71000']);
    expect(await host.read('/etc/hostname')).toBe(hostname);
    if (planted.includes('victim')) expect(await host.read('/home/it/victim')).toBe('old\n');
  });

  test.for([
    ['over a directory', 'x', 'mkdir x', 21],
    ['below a file', 'x/y', 'echo old >x', 20],
    ['below a FIFO', 'x/y', 'mkfifo x', 20],
    ['through a link to a directory of its own', 'x/y', 'mkdir real && ln -s real x', 40],
    ['through a link to another directory', 'x/y', 'ln -s /tmp x', 40],
    ['through a link that leads nowhere', 'x/y', 'ln -s gone x', 40],
    ['below the directory that it starts from', '../y', 'true', 22],
    ['into a directory that it may not write', '/etc/y', 'true', 13],
    ['without a name', 'x/', 'mkdir x', 2],
    ['with too long a name', 'a'.repeat(256), 'true', 36],
    ['with too long a path', 'a/'.repeat(2048), 'true', 36],
  ] as const)('no file %s', async ([, path, planted, errno]) => {
    expect(await put(path, planted)).toEqual([`failed ${errno}`]);
    const made = await host.ok(['sh', '-c', 'ls -d /tmp/y /etc/y /home/y /home/it/gone; true']);
    expect([made, (await list()).filter((line) => / f/.test(line))]).toEqual([
      '',
      planted.includes('echo') ? ['x f666 71000'] : [],
    ]);
  });

  test('nothing that does not fit, and leaves nothing of it', async () => {
    const big = 'x'.repeat(10_000);
    const limited = await talk({ before: [['put', '600', 'x', big]], fileSizeMax: 9_999 });
    expect(limited).toEqual({ answers: ['failed 27'], exitCode: 125 });
    expect(await list()).toEqual(['']);
    const fits = await talk({ before: [['put', '600', 'x', big]], fileSizeMax: 10_000 });
    expect(fits.answers).toEqual(going);
    await host.ok(['mount', '-t', 'tmpfs', '-o', 'size=8k,uid=71000', 'small', '/home/it']);
    const full = await talk({ before: [['put', '600', 'x', big]] });
    const left = await list();
    await host.ok(['umount', '/home/it']);
    expect([full.answers, left]).toEqual([['failed 28'], ['']]);
  });

  test('nothing when the lifeline ends halfway', async () => {
    const before: Request[] = [['put', '600', 'x', 'half', 1000], ['cut']];
    expect(await talk({ before, script: 'echo ran >ran' })).toEqual({
      answers: ['failed 32'],
      exitCode: 125,
    });
    expect(await list()).toEqual(['']);
  });

  test.for(['nonsense', '', 'putt 1 2 3', 'go '.repeat(40)])(
    'nothing and runs nothing when asked for %j',
    async (word) => {
      const { answers, exitCode } = await talk({ before: [[word]], script: 'echo ran >ran' });
      expect([answers, exitCode, await list()]).toEqual([['', ''], 125, ['']]);
    },
  );

  test.for([
    ['a file that is missing', 'x', 'true', 2],
    ['a file whose directory is missing', 'x/y', 'true', 2],
    ['a directory', 'x', 'mkdir x', 21],
    ['a link to a file that root alone may read', 'x', 'ln -s /etc/shadow x', 40],
    ['a link to a file of its own', 'x', 'echo a >y && ln -s y x', 40],
    ['a file through a link', 'x/hostname', 'ln -s /etc x', 40],
    ['what process 1 has open', 'x/4', 'ln -s /proc/1/fd x', 40],
    ['a FIFO, nor waits for its writer', 'x', 'mkfifo x', 22],
    ['a socket', 'x', `python3 -c 'import socket; socket.socket(1).bind("x")'`, 6],
    ['a device', '/dev/zero', 'true', 22],
    ['a file that it may not read', 'x', 'echo a >x && chmod 0 x', 13],
    ['a file of root', '/etc/shadow', 'true', 13],
    ['a file that is too large', 'x', 'head -c 1001 /dev/zero >x', 27],
    ['a file that is large and has nothing in it', 'x', 'truncate -s 1T x', 27],
    ['a file above the directory that it starts from', '../it/x', 'echo a >x', 22],
  ] as const)('nothing out of %s', async ([, path, planted, errno]) => {
    expect(await get(path, planted)).toEqual([`failed ${errno}`]);
  });

  test('files out, one after the other, whatever the program leaves running', async () => {
    const text = 'file 3\nexited 0\n';
    const { answers } = await talk({
      script: `printf '${text.replaceAll('\n', '\\n')}' >a; : >b; (while :; do echo x >>c; done) & exit 3`,
      after: [
        ['get', 1000, 'a'],
        ['get', 0, 'b'],
        ['get', 16, 'gone'],
        ['get', text.length, '/home/it/a'],
      ],
    });
    const files = [
      `file ${text.length} ${text}`,
      'file 0 ',
      'failed 2',
      `file ${text.length} ${text}`,
    ];
    expect(answers).toEqual(['started', 'exited 3', ...files]);
  });

  test('files out of a program that was told to end', async () => {
    const { answers, exitCode } = await talk({
      before: [['put', '600', 'x', 'kept']],
      script: 'trap "" TERM; while :; do :; done',
      during: [['end']],
      after: [['end'], ['get', 10, 'x']],
    });
    expect(answers).toEqual(['done', 'started', 'signalled 9', 'file 4 kept']);
    expect(exitCode).toBe(137);
  });

  test('nothing while the program runs', async () => {
    const { answers, exitCode } = await talk({
      script: 'sleep 100',
      during: [['get 10 1']],
    });
    expect([answers, exitCode]).toEqual([['started', ''], 125]);
  });
});
