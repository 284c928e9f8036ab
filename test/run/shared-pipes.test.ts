import { closeSync, mkdtempSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NewPipes, type RunPipes } from '../../src/host/run/pipes.ts';
import { StreamRelay } from '../../src/host/run/streams.ts';
import type { EngineName } from '../../src/model/settings.ts';
import type { TestHost } from '../rig/host.ts';
import { answersIn, byId, linesOf } from '../scenarios/batch.ts';
import { engineHost, exec, inBackground } from '../scenarios/exec-jail.ts';
import { python } from './jail-host.ts';

const pythonList = fileURLToPath(new URL('../../requirements/python3.txt', import.meta.url));

/** With the host's network its users can meet at an abstract socket (unix(7)). */
const manifest = `
uids: 81000-81999
jails:
  jail: { users: 2, requirements: [${pythonList}], tools: [sh, cat, sleep], network: host }
`;

/** For the user jail2: gets two descriptors from a program of jail1. */
const accept = `
import os, socket, time
server = socket.socket(socket.AF_UNIX)
server.bind('\\0meeting')
server.listen()
connection, _ = server.accept()
_, held, _, _ = socket.recv_fds(connection, 9, 9)
print('got', len(held), flush=True)
end = time.monotonic() + 4
`;

/** For the user jail1: hands descriptors over, and ends. */
const give = (descriptors: string) => `
import os, socket, time
client = socket.socket(socket.AF_UNIX)
while True:
    try: client.connect('\\0meeting'); break
    except OSError: time.sleep(0.05)
print('given', flush=True)
socket.send_fds(client, [b'x'], ${descriptors})
client.recv(1)
`;

const hold = `${accept}connection.close(); time.sleep(20)`;

/** Writes to what it holds, without an end. */
const babble = `${accept}
connection.close()
end += 16
while time.monotonic() < end:
    os.write(held[0], b'babble')
    time.sleep(0.01)
`;

/** By its path a descriptor can be opened again, if it is still that of a pipe in use. */
const reopen = `${accept}
connection.close()
time.sleep(0.3)
while time.monotonic() < end:
    try:
        output = os.open(f'/proc/self/fd/{held[1]}', os.O_WRONLY | os.O_NONBLOCK)
        os.write(output, b'forged')
        os.close(output)
    except OSError: pass
    try:
        source = os.open(f'/proc/self/fd/{held[0]}', os.O_RDONLY | os.O_NONBLOCK)
        for _ in range(20):
            try: print(os.read(source, 99).decode(), end='', flush=True)
            except OSError: pass
            time.sleep(0.002)
        os.close(source)
    except OSError: pass
`;

/** crun makes the tenant the owner of its pipes, and so they can be opened to everybody. */
const byPath = "[os.fchmod(n, 0o666) or os.open(f'/proc/self/fd/{n}', os.O_PATH) for n in (0, 1)]";

const engines: readonly EngineName[] = ['runc', 'crun', 'chroot'];

describe.for(engines)('a program of another user that has descriptors of a run by %s', (engine) => {
  let host: TestHost;
  beforeAll(async () => {
    host = await engineHost(engine, manifest);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  // By chroot there is no /proc to open descriptors by, and they stay root's.
  test.skipIf(engine === 'chroot')(
    'can neither read nor write what is the next one of the user',
    async () => {
      const honest = (id: string) => ({
        ...{ id, user: 'jail1', stdin: 'secret\n' },
        argv: ['sh', '-c', 'sleep 1; cat; echo honest'],
      });
      const jobs = [
        { id: 'reopen', user: 'jail2', argv: python(reopen) },
        { id: 'give', user: 'jail1', argv: python(give(byPath)) },
        honest('first'),
        honest('second'),
      ];
      await host.write('/root/jobs.ndjson', linesOf(jobs));
      const args = ['exec', '--engine', engine, '--batch', '/root/jobs.ndjson', 'jail'];
      const ended = await host.jailctl(args, { timeoutMs: 30_000 });
      const answers = byId(answersIn(ended.stdout));
      expect(answers['give']).toMatchObject({ status: 'ok', stdout: 'given\n' });
      expect(answers['reopen']).toMatchObject({ status: 'ok', stdout: 'got 2\n' });
      expect(answers['first']).toMatchObject({ status: 'ok', stdout: 'secret\nhonest\n' });
      expect(answers['second']).toMatchObject({ status: 'ok', stdout: 'secret\nhonest\n' });
    },
  );

  test.for([
    ['holds', hold, /^given\n$/],
    ['writes to', babble, /^given\n(?:babble)*$/],
  ] as const)('does not keep it from ending when it %s them', async ([, script, output]) => {
    const options = ['--engine', engine, '--limit', 'wall_time=20s'];
    await using _other = inBackground(host, { jail: 'jail/jail2', options, argv: python(script) });
    const begin = performance.now();
    const giver = { jail: 'jail/jail1', options, argv: python(give('[1, 2]')) };
    const { result } = await exec(host, giver);
    expect(result).toMatchObject({ status: 'ok', stderr: '' });
    expect(result.stdout).toMatch(output);
    expect(performance.now() - begin).toBeLessThan(8000);
    const next = await exec(host, { jail: 'jail/jail1', options, argv: ['sh', '-c', 'echo next'] });
    expect(next.result).toMatchObject({ status: 'ok', stdout: 'next\n' });
  });
});

/** New pipes, the other ends of which stay open. */
async function somePipes(): Promise<RunPipes & Disposable> {
  const directory = mkdtempSync(join(tmpdir(), 'pipes-'));
  const pipes = await new NewPipes(directory).open();
  const left = readdirSync(directory);
  rmSync(directory, { recursive: true });
  expect(left).toEqual([]);
  const dispose = () => {
    for (const descriptor of pipes.theirs) closeSync(descriptor);
    for (const socket of [pipes.stdin, pipes.status, pipes.lifeline]) socket.destroy();
  };
  return { ...pipes, [Symbol.dispose]: dispose };
}

/** Takes chunks after a time each. */
function taker(delayMs: number) {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk, _, done) => {
      chunks.push(chunk);
      setTimeout(done, delayMs);
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}

/** As much as a pipe takes. */
function fill(descriptor: number, bytes: number): Buffer {
  const what = Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));
  expect(writeSync(descriptor, what)).toBe(bytes);
  return what;
}

const turns = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the end of a run whose pipes are still open elsewhere', () => {
  test('loses nothing, in the pipe or on the way, with a slow taker or a quick one', async () => {
    for (const delayMs of [0, 150]) {
      using pipes = await somePipes();
      const [stdout, stderr] = [taker(delayMs), taker(delayMs)];
      const streams = { stdout: stdout.stream, stderr: stderr.stream };
      const relay = new StreamRelay(pipes, streams, 1_000_000, () => {});
      relay.programStarts();
      const over = relay.relay();
      const written: Buffer[] = [];
      for (let round = 0; round < 4; round++) {
        written.push(fill(pipes.theirs[1] as number, 50_000));
        await turns(20);
        // Now it is full, and whoever writes waits.
        if (delayMs > 0 && round === 2) break;
      }
      const errors = fill(pipes.theirs[2] as number, 1000);
      relay.finish();
      await over;
      const all = Buffer.concat(written);
      expect(relay.passedBytes).toBe(all.length + 1000);
      expect(stdout.bytes().equals(all)).toBe(true);
      expect(stderr.bytes().equals(errors)).toBe(true);
    }
  });

  test('passes on no more than its limit, and tells so', async () => {
    using pipes = await somePipes();
    const [stdout, stderr] = [taker(0), taker(0)];
    let exceeded = 0;
    const streams = { stdout: stdout.stream, stderr: stderr.stream };
    const relay = new StreamRelay(pipes, streams, 100, () => exceeded++);
    relay.programStarts();
    const over = relay.relay();
    fill(pipes.theirs[1] as number, 300);
    relay.finish();
    await over;
    expect({ exceeded, passed: stdout.bytes().length, cut: relay.cut }).toEqual({
      ...{ exceeded: 1, passed: 100, cut: true },
    });
  });

  test('is what a runtime complained of, when there was no program', async () => {
    using pipes = await somePipes();
    const [stdout, stderr] = [taker(0), taker(0)];
    const streams = { stdout: stdout.stream, stderr: stderr.stream };
    const relay = new StreamRelay(pipes, streams, 100, () => {});
    const over = relay.relay();
    writeSync(pipes.theirs[2] as number, 'no such thing\n');
    relay.finish();
    await over;
    expect(relay.complaint).toBe('no such thing');
    expect(stderr.bytes().length).toBe(0);
  });
});
