import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSources, putFile } from '../../src/host/run/copy-in.ts';
import { getFile, requireDestinations } from '../../src/host/run/copy-out.ts';
import { InitChannel, parseReport } from '../../src/host/run/init-channel.ts';
import { RunCopies } from '../../src/host/run/run-copies.ts';

let directory: string;
let talker: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/jailctl-copying-`);
});
afterEach(() => {
  talker?.kill('SIGKILL');
  rmSync(directory, { recursive: true, force: true });
});

/** What another program than process 1 would say, at the other ends of the pipes. */
function channelTo(script: string) {
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  talker = child;
  const status = child.stdout as Socket;
  const lifeline = child.stdin as Socket;
  return { channel: new InitChannel(status, lifeline), status, lifeline };
}

const inDirectory = () => readdirSync(directory).sort();
const nonsense = 'says what it never would';

describe('the channel to process 1', () => {
  test('gives lines, and the bytes between them', async () => {
    const { channel } = channelTo('printf "ready\\nfile 3\\na\\nbstarted\\nlast"');
    expect(await channel.line()).toBe('ready');
    expect(await channel.line()).toBe('file 3');
    let text = '';
    for await (const chunk of channel.bytes(3)) text += chunk.toString();
    expect(text).toBe('a\nb');
    expect(await channel.line()).toBe('started');
    expect(await channel.line()).toBe(undefined);
  });

  test('does not gather what has no end', async () => {
    const { channel, status } = channelTo('exec cat /dev/zero');
    await expect(channel.line()).rejects.toThrow(nonsense);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(status.bytesRead).toBeLessThan(2 ** 20);
  });

  test('reads no further than what is asked for', async () => {
    const { channel, status } = channelTo('exec cat /dev/zero');
    const content = channel.bytes(2 ** 30);
    await content.next();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(status.bytesRead).toBeLessThan(2 ** 20);
  });

  test.for([
    '',
    'go',
    'done',
    'ready 1',
    'started\0',
    'exited',
    'exited 256',
    'exited -1',
    'exited 1 ',
    'signalled 0',
    'signalled 65',
    'exec-failed 0',
    'file 3',
  ])('takes %j for nonsense', (line) => {
    expect(() => parseReport(line)).toThrow(nonsense);
  });

  test('is closed at once when it is cut, though it waits for the reader', async () => {
    const { channel, lifeline } = channelTo('exec sleep 100');
    const { fd } = (lifeline as unknown as { readonly _handle: { readonly fd: number } })._handle;
    const pipe = readlinkSync(`/proc/self/fd/${fd}`);
    const waiting = channel.send(Buffer.alloc(2 ** 20));
    const isThere = () =>
      existsSync(`/proc/self/fd/${fd}`) && readlinkSync(`/proc/self/fd/${fd}`) === pipe;
    expect(isThere()).toBe(true);
    channel.cut();
    expect(isThere()).toBe(false);
    await expect(waiting).rejects.toThrow();
  });
});

describe('a source', () => {
  const path = (name: string) => `${directory}/${name}`;
  const open = (from: string) => openSources([{ from, to: 'x' }]);

  test.for([
    ['that is missing', 'gone', 'there is no such file'],
    ['that is a directory', '.', 'it is not a regular file'],
    ['that is a FIFO', 'fifo', 'it is not a regular file'],
    ['that is a link to a device', 'zero', 'it is not a regular file'],
  ] as const)('%s is refused before anything runs', ([, name, why]) => {
    execFileSync('mkfifo', [path('fifo')]);
    symlinkSync('/dev/zero', path('zero'));
    const before = readdirSync('/proc/self/fd').length;
    writeFileSync(path('good'), '');
    const copies = [path('good'), path(name)].map((from) => ({ from, to: 'x' }));
    expect(() => openSources(copies)).toThrow(
      expect.objectContaining({ exitCode: 3, message: expect.stringContaining(why) }),
    );
    expect(readdirSync('/proc/self/fd').length).toBe(before);
  });

  test('that is a FIFO is not even opened, which its writer would see', async () => {
    execFileSync('mkfifo', [path('fifo')]);
    const script = `echo >${path('fifo')}; touch ${path('woken')}`;
    talker = spawn('sh', ['-c', `trap "" PIPE; (${script}) & echo; wait`]);
    await new Promise((resolve) => talker?.stdout?.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(() => open(path('fifo'))).toThrow('not a regular file');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(inDirectory()).toEqual(['fifo']);
    readFileSync(path('fifo'));
    await expect.poll(inDirectory).toEqual(['fifo', 'woken']);
  });

  test('is sent as it was when it was opened', async () => {
    writeFileSync(path('old'), 'old content');
    chmodSync(path('old'), 0o750);
    symlinkSync('old', path('link'));
    using opened = open(path('link'));
    rmSync(path('link'));
    symlinkSync('/etc/hostname', path('link'));
    appendFileSync(path('old'), ' and more');
    const { channel } = channelTo(`head -c 25 >${path('sent')}; echo done`);
    expect(await putFile(opened.sources[0] as never, channel)).toBe(0);
    expect(readFileSync(path('sent'), 'utf8')).toBe('put 700 11 1\nxold content');
  });

  test('that becomes shorter meanwhile makes the run fail', async () => {
    writeFileSync(path('big'), Buffer.alloc(2 ** 20));
    using opened = open(path('big'));
    truncateSync(path('big'), 2 ** 19);
    const { channel } = channelTo('cat >/dev/null; echo done');
    await expect(putFile(opened.sources[0] as never, channel)).rejects.toThrow(
      `${path('big')} could not be copied into the jail: it became shorter`,
    );
  });

  test.for([
    ['failed 28', 28],
    // It saw the end of its lifeline.
    ['failed 32', undefined],
    ['done', 0],
    ['', undefined],
  ] as const)('that is answered with %j', async ([answer, expected]) => {
    writeFileSync(path('big'), Buffer.alloc(2 ** 20));
    using opened = open(path('big'));
    // It does not read all of it, as a process 1 that can't write all of it.
    const { channel } = channelTo(`head -c 1000 >/dev/null; printf '${answer}${answer && '\\n'}'`);
    expect(await putFile(opened.sources[0] as never, channel)).toBe(expected);
  });

  test('that can not be made is told, though the runtime is seen to end before its answer', async () => {
    writeFileSync(path('big'), Buffer.alloc(2 ** 20));
    using opened = open(path('big'));
    const { channel } = channelTo('echo failed 20');
    const copies = new RunCopies({ copyIn: [{}] } as never, opened.sources, channel);
    const putting = copies.putAll();
    channel.cut();
    expect(await putting).toBe(false);
    expect(copies.putFailed).toEqual({ index: 0, errno: 20 });
  });

  test.for(['failed', 'failed 0', 'failed 99999', 'file 3', 'done 1', 'ready'])(
    'that is answered with the nonsense %j',
    async (answer) => {
      writeFileSync(path('empty'), '');
      using opened = open(path('empty'));
      const { channel } = channelTo(`echo '${answer}'; cat >/dev/null`);
      await expect(putFile(opened.sources[0] as never, channel)).rejects.toThrow(nonsense);
    },
  );
});

describe('a file of a run', () => {
  const to = () => `${directory}/out`;
  const note = () => `${directory}.note`;
  const get = (channel: InitChannel, bytesMax = 1000) =>
    getFile({ from: 'x', to: to() }, bytesMax, channel, note());

  test('comes to its place, readable for whom the umask lets', async () => {
    writeFileSync(to(), 'old', { mode: 0o600 });
    const { channel } = channelTo('printf "file 3\\nnew"');
    const before = process.umask(0o027);
    const copied = await get(channel);
    process.umask(before);
    expect(copied).toEqual({ from: 'x', to: to(), bytes: 3 });
    expect(readFileSync(to(), 'utf8')).toBe('new');
    expect(statSync(to()).mode & 0o777).toBe(0o640);
    expect(inDirectory()).toEqual(['out']);
  });

  test('takes no more bytes than were announced', async () => {
    const { channel } = channelTo('printf "file 3\\nnew or more\\n"');
    expect(await get(channel)).toMatchObject({ bytes: 3 });
    expect(readFileSync(to(), 'utf8')).toBe('new');
    await expect(get(channel)).rejects.toThrow(nonsense);
  });

  test.for([
    'file 1001',
    'file',
    'file -1',
    'file 1e2',
    `file ${'9'.repeat(16)}`,
    'file 0x1',
    'done',
    'exited 0',
  ])('may not be announced by %j', async (line) => {
    const { channel } = channelTo(`echo '${line}'; cat /dev/zero`);
    await expect(get(channel)).rejects.toThrow(nonsense);
    expect(inDirectory()).toEqual([]);
  });

  test('leaves nothing when it does not come to its end', async () => {
    writeFileSync(to(), 'old');
    const { channel } = channelTo('printf "file 3\\nne"');
    expect(await get(channel)).toBe(undefined);
    expect(readFileSync(to(), 'utf8')).toBe('old');
    expect(inDirectory()).toEqual(['out']);
  });

  test('leaves nothing when the run is cut meanwhile', async () => {
    const { channel } = channelTo('echo "file 1000000000"; exec cat /dev/zero');
    const copying = get(channel, 10 ** 9);
    await expect.poll(inDirectory).toEqual([expect.stringMatching(/^\.out\./)]);
    const [partial] = inDirectory();
    expect(statSync(`${directory}/${partial}`).mode & 0o777).toBe(0o600);
    channel.cut();
    expect(await copying).toBe(undefined);
    expect(inDirectory()).toEqual([]);
  });

  test('that can not be stored is an error of its own, and the next one comes', async () => {
    const { channel } = channelTo(
      'for size in 300000 3; do echo "file $size"; head -c "$size" /dev/zero; done; echo failed 2',
    );
    const copy = { from: 'x', to: `${directory}/gone/out` };
    const error = expect.stringContaining('ENOENT');
    expect(await getFile(copy, 10 ** 6, channel, note())).toEqual({ ...copy, error });
    mkdirSync(to());
    expect(await get(channel)).toMatchObject({ error: 'what is there is not a regular file' });
    expect(inDirectory()).toEqual(['out']);
    expect(await get(channel)).toMatchObject({ error: 'no such file' });
  });

  test.for([
    ['a directory that is missing', 'gone/out'],
    ['a directory that is a file', 'file/out'],
    ['the place of a directory', 'place'],
    ['the place of a FIFO', 'fifo'],
    ['the place of a link', 'link'],
  ] as const)('can not be wanted in %s', ([, name]) => {
    writeFileSync(`${directory}/file`, '');
    mkdirSync(`${directory}/place`);
    symlinkSync('file', `${directory}/link`);
    execFileSync('mkfifo', [`${directory}/fifo`]);
    requireDestinations(['file', 'new'].map((one) => ({ from: 'x', to: `${directory}/${one}` })));
    expect(() => requireDestinations([{ from: 'x', to: `${directory}/${name}` }])).toThrow(
      expect.objectContaining({ exitCode: 3 }),
    );
  });

  test('can not be wanted in the place of /dev/null', () => {
    expect(() => requireDestinations([{ from: 'x', to: '/dev/null' }])).toThrow(
      'not a regular file',
    );
  });
});
