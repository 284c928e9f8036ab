import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, writeManifest } from './jails.ts';
import { libraryManifest, programInJail, returned } from './program.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await writeManifest(host, libraryManifest);
  await apply(host);
});
afterAll(() => host[Symbol.asyncDispose]());

describe('a program of the library', () => {
  test('gives a run what it reads as text, as bytes, and as a stream', async () => {
    const seen = await returned(
      host,
      programInJail(host, async (jail) => {
        const { Readable, PassThrough } = process.getBuiltinModule('node:stream');
        const cat = async (stdin?: string | Uint8Array | InstanceType<typeof Readable>) => {
          const { stdout } = await jail.exec(['cat'], stdin === undefined ? {} : { stdin });
          return stdout;
        };
        const dialogue = new PassThrough();
        const answers = new PassThrough();
        let said = '';
        answers.setEncoding('utf8').on('data', (text: string) => {
          said += text;
          if (said === 'question\n') dialogue.end('thanks\n');
        });
        dialogue.write('question\n');
        const talk = await jail.exec(['cat'], { stdin: dialogue, stdout: answers });
        const large = Buffer.alloc(1_500_000, 'ab');
        const endless = Readable.from(
          (function* () {
            for (;;) yield 'y\n';
          })(),
        );
        const head = await jail.exec(['sh', '-c', 'read a; read b; echo $a$b'], { stdin: endless });
        return {
          text: (await cat('žluť\n')).toString(),
          bytes: (await cat(Uint8Array.of(0, 255, 10))).toString('hex'),
          empty: [(await cat('')).length, (await cat(new Uint8Array())).length],
          nothing: (await cat()).length,
          stream: (await cat(Readable.from(['a', 'b', 'c']))).toString(),
          large: (await cat(large)).equals(large),
          said,
          talk: [talk.status, talk.stdout.length],
          head: head.stdout.toString(),
        };
      }),
    );
    expect(seen).toEqual({
      text: 'žluť\n',
      bytes: '00ff0a',
      empty: [0, 0],
      nothing: 0,
      stream: 'abc',
      large: true,
      said: 'question\nthanks\n',
      talk: ['ok', 0],
      head: 'yy\n',
    });
  });

  test('has output sent to streams of its own, which are not ended', async () => {
    const seen = await returned(
      host,
      programInJail(host, async (jail) => {
        const { PassThrough } = process.getBuiltinModule('node:stream');
        const log = new PassThrough();
        let text = '';
        log.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        const script = 'echo out; echo err >&2';
        const run = async (streams: object) => {
          const { stdout, stderr } = await jail.exec(['sh', '-c', script], streams);
          return [stdout.toString(), stderr.toString()];
        };
        const first = await run({ stdout: log });
        const second = await run({ stderr: log });
        return {
          first,
          second,
          text,
          ended: log.writableEnded,
          listeners: log.listenerCount('drain'),
        };
      }),
    );
    expect(seen).toEqual({
      first: ['', 'err\n'],
      second: ['out\n', ''],
      text: 'out\nerr\n',
      ended: false,
      listeners: 0,
    });
  });

  test('may make limits stricter, and weaker only where it says that it means it', async () => {
    const seen = await returned(
      host,
      programInJail(host, async (jail) => {
        const refused = (limits: object) =>
          jail.exec(['sh'], { limits }).then(
            () => 'ran',
            (error) => `${error.exitCode}: ${error.message}`,
          );
        const limits = { memoryBytes: 128 * 2 ** 20, wallTimeSeconds: 60 };
        return {
          both: await refused(limits),
          unknown: await refused({ memory: 1 }),
          small: await refused({ processes: 0 }),
          fraction: await refused({ cpuTimeSeconds: 1.5 }),
          nan: await refused({ openFiles: Number.NaN }),
          raised: (await jail.exec(['sh'], { limits, allowRaise: true })).status,
        };
      }),
    );
    expect(seen).toEqual({
      both:
        "3: memory=128MiB is more than the jail's limit of 64MiB; " +
        "wall_time=1m is more than the jail's limit of 20s",
      unknown: '3: there is no limit "memory"',
      small: expect.stringMatching(/^3: processes is 0, and must be from 1/),
      fraction: '3: cpuTimeSeconds is 1.5, which is not a whole number',
      nan: expect.stringMatching(/^3: openFiles is NaN/),
      raised: 'ok',
    });
  });

  test('passes on variables of its choice, and none of its own', async () => {
    const seen = await returned(
      host,
      programInJail(
        host,
        async (jail) => {
          const script = 'echo "$MODE,$A,$SECRET,$HOME"';
          const run = async (env?: Record<string, string>) => {
            const argv = ['sh', '-c', script] as const;
            const { stdout } = await jail.exec([...argv], {
              user: 'box2',
              ...(env !== undefined && { env }),
            });
            return stdout.toString();
          };
          const refused = await run({ 'A B': '' }).catch((error) => error.exitCode);
          return [await run(), await run({ MODE: 'mine', A: 'a=b\n' }), refused];
        },
        { env: { SECRET: 'ours' } },
      ),
    );
    expect(seen).toEqual(['jail,,,/home/box2\n', 'mine,a=b\n,,/home/box2\n', 3]);
  });

  test('chooses whether files in a home outlive a run', async () => {
    const seen = await returned(
      host,
      programInJail(host, async (jail) => {
        const run = async (options: object) => {
          const script = 'ls ~; echo x >~/$N';
          const { stdout } = await jail.exec(['sh', '-c', script], { user: 'box1', ...options });
          return stdout.toString();
        };
        return [
          await run({ env: { N: 'kept' } }),
          await run({ home: 'fresh', env: { N: 'lost' } }),
          await run({ cleanHome: true, env: { N: 'removed' } }),
          await run({ env: { N: 'new' } }),
          await run({ cleanHome: true, env: { N: 'last' } }),
        ];
      }),
    );
    expect(seen).toEqual(['', '', 'kept\n', '', 'new\n']);
  });

  test('is refused a program that can not be named', async () => {
    const seen = await returned(
      host,
      programInJail(host, async (jail) => {
        const refused = (argv: string[]) =>
          jail.exec(argv as [string]).then(
            () => 'ran',
            (error) => `${error.exitCode}: ${error.message}`,
          );
        return [await refused([]), await refused(['sh', 'a\0b']), await refused(['sh', '\ud800'])];
      }),
    );
    expect(seen).toEqual([
      '3: which program?',
      expect.stringMatching(/^3: the argument .* has a zero byte$/),
      expect.stringMatching(/^3: the argument .* is not well-formed Unicode$/),
    ]);
  });
});
