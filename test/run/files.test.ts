import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { argvOf, jailHost, leftovers, python } from './jail-host.ts';
import type { Answer, Request } from './run-program.ts';

const mib = 2 ** 20;
const nothing = ['sh', '-c', ':'] as const;
const jailHome = '/jail/home/jail1';

/** Plants, in the place of its own results, whatever could lead astray who fetches them. */
const plant = `
import os, socket
os.symlink('/etc/shadow', 'shadow')
os.symlink('/jail/home/jail2', 'elsewhere')
os.symlink('/proc/1/fd', 'descriptors')
os.mkfifo('fifo')
os.mkdir('directory')
socket.socket(socket.AF_UNIX).bind('socket')
with open('sparse', 'wb') as file: file.truncate(1 << 20); os.truncate('sparse', 1 << 20)
open('secret', 'w').write('mine'); os.chmod('secret', 0)
open('good', 'w').write('good')
`;

describe('files of a run', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await jailHost('runc');
    await host.ok(['sh', '-c', 'mkdir /work-in /work-out']);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = async (argv: Request['argv'], more: Omit<Request, 'engine' | 'argv'> = {}) => {
    const command = argvOf([{ engine: 'runc', argv, ...more }]);
    const printed = await host.ok(command, { timeoutMs: 50_000 });
    expect(await leftovers(host)).toBe('');
    const hidden = await host.ok(['find', '/work-out', '-name', '.*']);
    expect(hidden).toBe('');
    return JSON.parse(printed) as Answer;
  };
  const out = (...names: string[]) => names.map((from) => ({ from, to: `/work-out/${from}` }));
  const sh = (script: string) => host.ok(['sh', '-e', '-c', script]);

  test('go in and come out, byte for byte, though they are large', async () => {
    await sh('head -c 20M /dev/urandom >/work-in/data; sha256sum </work-in/data >/work-in/sum');
    const answer = await run(['sh', '-c', 'cat <deep/er/data >copy'], {
      limits: { fileSizeBytes: 21 * mib },
      copyIn: [{ from: '/work-in/data', to: 'deep/er/data' }],
      copyOut: out('copy'),
    });
    expect(answer).toMatchObject({
      ended: { exitCode: 0 },
      copiedOut: [{ from: 'copy', to: '/work-out/copy', bytes: 20 * mib }],
    });
    expect(await sh('sha256sum </work-out/copy')).toBe(await host.read('/work-in/sum'));
    expect(await sh('stat -c "%a %u" /work-out/copy')).toBe('644 0\n');
    expect(await sh(`stat -c "%a %u" ${jailHome}/deep ${jailHome}/deep/er/data`)).toBe(
      '700 81000\n600 81000\n',
    );
  });

  test('cost no time of the program', async () => {
    const copyIn = Array.from({ length: 20 }, (_, index) => ({
      from: '/work-in/data',
      to: `data${index % 2}`,
    }));
    const answer = await run(python('import os; print(os.path.getsize("data1"))'), {
      limits: { fileSizeBytes: 20 * mib, cpuTimeSeconds: 1, wallTimeSeconds: 1 },
      copyIn,
    });
    expect(answer).toMatchObject({ ended: { exitCode: 0 }, stdout: `${20 * mib}\n` });
    expect([answer.cpuTimeMs < 150, answer.wallTimeMs < 150]).toEqual([true, true]);
  });

  test('are programs, if they were on the host', async () => {
    await host.write(
      '/work-in/hello.c',
      'int puts(const char *);int main(){puts("hello");return 7;}',
    );
    await sh('gcc -static -o /work-in/hello /work-in/hello.c');
    const copyIn = [
      { from: '/work-in/hello', to: 'hello' },
      { from: '/work-in/hello', to: '/tmp/bin/hello' },
      { from: '/work-in/hello.c', to: 'plain' },
    ];
    const answer = await run(['/tmp/bin/hello'], { copyIn });
    expect(answer).toMatchObject({ stdout: 'hello\n', ended: { exitCode: 7 } });
    expect((await run(['./hello'], { copyIn })).stdout).toBe('hello\n');
    expect((await run(['./plain'], { copyIn })).execErrno).toBe(13);
  });

  test('come out of a fresh home and of /tmp too', async () => {
    const answer = await run(['sh', '-c', 'cat in >out; echo b >/tmp/b'], {
      home: 'fresh',
      copyIn: [{ from: '/etc/hostname', to: 'in' }],
      copyOut: [...out('out'), { from: '/tmp/b', to: '/work-out/b' }],
    });
    expect(answer.copiedOut).toMatchObject([{ bytes: expect.any(Number) }, { bytes: 2 }]);
    expect(await host.read('/work-out/out')).toBe(await host.read('/etc/hostname'));
    expect(await sh(`ls ${jailHome}`)).not.toMatch(/^out$/m);
  });

  test('lead nowhere, whatever the program has planted in their place', async () => {
    const names = [
      ...['shadow', 'elsewhere/x', 'descriptors/4', 'fifo', 'directory', 'socket'],
      ...['sparse', 'secret', 'gone', '/dev/zero', 'good'],
    ];
    const copyOut = names.map((from, index) => ({ from, to: `/work-out/planted${index}` }));
    const limits = { fileSizeBytes: mib - 1 };
    // As large as it may be, and a byte more: it is not the program's limit that is looked at.
    await run(python(plant), { limits: { fileSizeBytes: mib } });
    const answer = await run(nothing, { limits, copyOut });
    const said = answer.copiedOut.map((copy) => ('error' in copy ? copy.error : copy.bytes));
    expect(said).toEqual([
      ...Array(3).fill('a symbolic link is on its path'),
      ...['it is not a regular file', 'it is a directory', 'it is not a regular file'],
      ...['it is larger than the limit file_size', 'permission denied', 'no such file'],
      ...['it is not a regular file', 4],
    ]);
    expect(await sh('cd /work-out; echo planted*')).toBe('planted10\n');
  });

  test('go into the place of what an earlier run has planted', async () => {
    await sh('echo fresh >/work-in/fresh; echo kept >/work-in/kept');
    const names = ['shadow', 'fifo', 'socket', 'secret', 'hard'];
    await run(['sh', '-c', 'exec python3 -c "import os; os.link(\\"good\\", \\"hard\\")"']);
    const copyIn = names.map((to) => ({ from: '/work-in/fresh', to }));
    const answer = await run(['cat', ...names, 'good'], { copyIn });
    expect(answer.stdout).toBe(`${'fresh\n'.repeat(names.length)}good`);
    expect(await host.read('/etc/shadow')).toMatch(/^root:/);
  });

  test.for([
    ['directory', 'it is a directory'],
    ['elsewhere/x', 'a symbolic link is on its path'],
    ['good/x', 'something on its path is not a directory'],
    ['/usr/bin/x', 'permission denied'],
  ] as const)('that can not go to %s are the end of the run', async ([to]) => {
    const copyIn = [
      { from: '/work-in/kept', to: 'first' },
      { from: '/work-in/kept', to },
    ];
    const answer = await run(['sh', '-c', 'echo ran'], { copyIn, copyOut: out('good') });
    expect(answer).toMatchObject({
      stdout: '',
      putFailed: { index: 1, errno: expect.any(Number) },
      copiedOut: [{ error: 'the program was not run' }],
      wallTimeMs: 0,
    });
    expect(answer).not.toHaveProperty('failure');
    expect(answer).not.toHaveProperty('ended');
  });

  test('that do not fit are the end of the run, and nothing is left of them', async () => {
    await sh('head -c 2M /dev/zero >/work-in/two');
    const copyIn = [{ from: '/work-in/two', to: 'two' }];
    const limited = await run(nothing, { copyIn });
    expect(limited.putFailed).toEqual({ index: 0, errno: 27 });
    expect(await sh(`ls ${jailHome}`)).not.toMatch(/two/);
    const limits = { fileSizeBytes: 2 * mib, tmpSizeBytes: mib };
    const full = await run(nothing, { copyIn, limits, home: 'fresh' });
    expect(full.putFailed).toEqual({ index: 0, errno: 28 });
    const small = { fileSizeBytes: 64 * mib, tmpSizeBytes: 64 * mib, memoryBytes: 16 * mib };
    await sh('head -c 40M /dev/zero >/work-in/forty');
    const forty = [{ from: '/work-in/forty', to: 'forty' }];
    const memory = await run(nothing, { copyIn: forty, limits: small, home: 'fresh' });
    expect(memory.failure).toMatch(/killed .* memory/);
  });

  test.for([
    ['wall_time', { wallTimeSeconds: 1 }, 'echo a >made; trap "" TERM; sleep 100 & wait'],
    ['cpu_time', { cpuTimeSeconds: 1 }, 'echo a >made; while :; do :; done'],
    ['output', {}, 'echo a >made; exec yes'],
  ] as const)('come out of a program that is ended for %s', async ([stoppedBy, limits, script]) => {
    const answer = await run(['sh', '-c', script], { limits, copyOut: out('made') });
    expect(answer).toMatchObject({ stoppedBy, copiedOut: [{ bytes: 2 }] });
    expect(answer).not.toHaveProperty('ended');
    if (stoppedBy === 'wall_time') expect(answer.wallTimeMs).toBeLessThan(1100);
  });

  test.for([
    ['failed', 'echo a >made; exit 3'],
    ['was ended by a signal', 'echo a >made; kill -s SEGV $$'],
    ['left others behind', 'echo a >made; (while :; do echo b >>more; done) & exit 1'],
  ] as const)('come out of a program that %s', async ([, script]) => {
    const answer = await run(['sh', '-c', script], { copyOut: out('made') });
    expect(answer.copiedOut).toMatchObject([{ bytes: 2 }]);
  });

  test('do not come out of a run whose caller has ended it', async () => {
    const answer = await run(['sh', '-c', 'echo a >made; echo; exec sleep 100'], {
      abort: true,
      copyOut: out('made'),
    });
    expect(answer).toMatchObject({
      stoppedBy: 'caller',
      copiedOut: [{ from: 'made', error: 'the run was ended first' }],
    });
  });

  test('stop on their way when the caller ends the run', async () => {
    await sh('truncate -s 2G /work-in/huge');
    const limits = { fileSizeBytes: 2 ** 31, memoryBytes: 2 ** 30 };
    const into = await run(['sh', '-c', 'echo ran'], {
      limits,
      abortAt: `${jailHome}/huge`,
      copyIn: [{ from: '/work-in/huge', to: 'huge' }],
    });
    expect(into).toMatchObject({ stoppedBy: 'caller', stdout: '' });
    expect(into).not.toHaveProperty('putFailed');
    expect(await sh(`ls ${jailHome}`)).not.toMatch(/huge/);
    const grow = python('open("made", "w").write("a\\n"); open("huge", "wb").truncate(1 << 30)');
    const copyOut = out('made', 'huge', 'gone');
    const outOf = await run(grow, { limits, abortAt: '/work-out/.huge', copyOut });
    expect(outOf).toMatchObject({
      ended: { exitCode: 0 },
      copiedOut: [{ bytes: 2 }, ...Array(2).fill({ error: 'the run was ended first' })],
    });
    await sh(`rm ${jailHome}/huge /work-in/huge`);
  });

  test('can not be copied by the engine chroot, and are looked at before anything runs', async () => {
    const copies = { copyIn: [{ from: '/work-in/kept', to: 'x' }] };
    const chroot = await host.ok(argvOf([{ engine: 'chroot', argv: ['true'], ...copies }]));
    expect(JSON.parse(chroot).thrown).toMatchObject({
      exitCode: 125,
      hint: expect.stringContaining('another engine'),
    });
    const device = await run(nothing, { copyIn: [{ from: '/dev/zero', to: 'x' }] });
    expect(device.thrown).toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('/dev/zero'),
    });
    const nowhere = await run(nothing, { copyOut: [{ from: 'x', to: '/dev/null' }] });
    expect(nowhere.thrown).toMatchObject({ exitCode: 3 });
  });

  test('leave nothing when jailctl is killed while they are copied', async () => {
    await sh(`truncate -s 2G /work-in/huge`);
    const request: Request = {
      engine: 'runc',
      argv: ['sleep', '1000'],
      limits: { fileSizeBytes: 2 ** 31, memoryBytes: 2 ** 30 },
      copyIn: [{ from: '/work-in/huge', to: 'huge' }],
    };
    const killed = host.spawn(argvOf([request]));
    const seen = () => host.run(['test', '-e', `${jailHome}/huge`]);
    await expect.poll(async () => (await seen()).exitCode, { timeout: 10_000 }).toBe(0);
    await killed[Symbol.asyncDispose]();
    await expect.poll(() => leftovers(host), { timeout: 10_000 }).toBe('');
    expect((await seen()).exitCode).toBe(1);
  });
});
