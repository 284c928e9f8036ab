import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EngineName } from '../../src/model/settings.ts';
import type { TestHost } from '../rig/host.ts';
import { argvOf, jailHost, leftovers } from './jail-host.ts';
import type { Answer, Request } from './run-program.ts';

const runtimes: readonly EngineName[] = ['runc', 'crun'];

describe.for(runtimes)('a run by the runtime %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await jailHost(engine);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const run = async (argv: Request['argv']) =>
    JSON.parse(await host.ok(argvOf([{ engine, argv }]), { timeoutMs: 30_000 })) as Answer;

  test('tells why a program was not started', async () => {
    expect(await run(['no-such-program'])).toMatchObject({ execErrno: 2 });
    expect(await run(['/etc/passwd'])).toMatchObject({ execErrno: 13 });
    expect(await leftovers(host)).toBe('');
  });

  test('has pipes that the program can open by their names', async () => {
    const answer = await run(['sh', '-c', 'echo A >/dev/stdout; echo B >/dev/stderr']);
    expect(answer).toMatchObject({ stdout: 'A\n', stderr: 'B\n' });
  });

  test('tells what the runtime complains of', async () => {
    await host.ok(['sh', '-c', 'mv /jail/tmp /jail/gone && touch /jail/tmp']);
    const answer = await run(['ls']);
    await host.ok(['sh', '-c', 'rm /jail/tmp && mv /jail/gone /jail/tmp']);
    expect(answer.failure).toMatch(new RegExp(`^${engine} did not start the program: .*tmp`));
    expect(answer).not.toHaveProperty('ended');
    expect(await leftovers(host)).toBe('');
  });

  test('is over when somebody kills the runtime', async () => {
    const sleep: Request = { engine, argv: ['sleep', '1000'], limits: { wallTimeSeconds: 100 } };
    await using running = host.spawn(argvOf([sleep]));
    const list = () => host.ok(['ps', '-e', '-o', 'uid=,pid=,comm=']);
    await expect.poll(list, { timeout: 10_000 }).toMatch(/^ *81000 +\d+ sleep$/m);
    const pid = new RegExp(`^ *0 +(\\d+) ${engine}$`, 'm').exec(await list())?.[1] ?? '';
    await host.ok(['kill', '-s', 'KILL', pid]);
    const answer = JSON.parse((await running.result()).stdout) as Answer;
    expect(answer).not.toHaveProperty('ended');
    expect(await leftovers(host)).toBe('');
  });

  test('mends what was left when everything was killed', async () => {
    const sleep: Request = { engine, argv: ['sleep', '1000'], limits: { wallTimeSeconds: 100 } };
    const running = host.spawn(argvOf([sleep]));
    const list = () => host.ok(['ps', '-e', '-o', 'uid=,pid=,args=']);
    await expect.poll(list, { timeout: 10_000 }).toMatch(/^ *81000 +\d+ sleep/m);
    const janitor = /^ *0 +(\d+) .* jailctl-janitor/m.exec(await list())?.[1] ?? '';
    await host.ok(['kill', '-s', 'KILL', janitor]);
    await running[Symbol.asyncDispose]();
    expect(await leftovers(host)).not.toBe('');
    expect(await run(['sh', '-c', 'echo again'])).toMatchObject({ stdout: 'again\n' });
    expect(await leftovers(host)).toBe('');
  });
});

describe('a run that is refused', () => {
  test('is refused by the engine chroot for a variable that root would obey', async () => {
    await using host = await jailHost('chroot');
    const request: Request = { engine: 'chroot', argv: ['ls'], env: { LD_PRELOAD: '/x.so' } };
    const { thrown } = JSON.parse(await host.ok(argvOf([request]))) as Answer;
    expect(thrown).toMatchObject({ exitCode: 125, message: expect.stringContaining('LD_PRELOAD') });
    expect(await leftovers(host)).toBe('');
  });

  test('is refused when a limit is too small for the kernel', async () => {
    await using host = await jailHost('runc');
    const limits = { cpus: 0.000_01 };
    const request: Request = { engine: 'runc', argv: ['ls'], limits };
    const { thrown } = JSON.parse(await host.ok(argvOf([request]))) as Answer;
    expect(thrown).toMatchObject({ exitCode: 125 });
    expect(await leftovers(host)).toBe('');
  });
});
