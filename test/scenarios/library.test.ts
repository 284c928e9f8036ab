import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { installForEverybody, jailctlShell } from './cli.ts';
import { leftovers } from './exec-jail.ts';
import { apply, writeManifest } from './jails.ts';
import { failureOf, libraryManifest, program, programInJail, returned } from './program.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
});
afterAll(() => host[Symbol.asyncDispose]());
beforeEach(async () => {
  await writeManifest(host, libraryManifest);
  await apply(host);
});

describe('a program of the library', () => {
  test('runs many at once over the users of a jail', async () => {
    const { runs, tookMs } = await returned(
      host,
      programInJail(host, async (jail) => {
        await jail.exec(['sh', '-c', 'exit 0']);
        const started = performance.now();
        const runs = await Promise.all(
          Array.from({ length: 9 }, async (_, number) => {
            const argv = ['sh', '-c', `echo ${number} $USER; sleep 0.4`] as const;
            const { status, user, stdout, exitCode } = await jail.exec([...argv]);
            return { status, user, text: stdout.toString(), exitCode, number };
          }),
        );
        return { runs, tookMs: performance.now() - started };
      }),
    );
    for (const { number, user, ...run } of runs) {
      expect(run).toEqual({ status: 'ok', text: `${number} ${user}\n`, exitCode: 0 });
    }
    expect(new Set(runs.map(({ user }) => user)).size).toBe(3);
    // Three at a time, and not nine, nor one.
    expect(tookMs).toBeGreaterThan(1200);
    expect(tookMs).toBeLessThan(3200);
  });

  test('waits for a user that another process has, in its turn', async () => {
    const users = await returned(
      host,
      program(host, async ({ openJail }) => {
        const [mine, other] = [await openJail('box'), await openJail('box')];
        const exec = (jail: typeof mine, script: string) => jail.exec(['sh', '-c', script]);
        // Each has its own leases, as two processes would.
        const busy = [1, 2, 3].map(() => exec(other, 'sleep 1'));
        await new Promise((resolve) => setTimeout(resolve, 500));
        const waiting = [exec(mine, 'exit 0'), exec(mine, 'exit 0')];
        const first = await Promise.race([
          ...busy.map((run) => run.then(() => 'busy')),
          ...waiting.map((run) => run.then(() => 'waiting')),
        ]);
        await Promise.all(busy);
        await other.close();
        const all = await Promise.all(waiting);
        await mine.close();
        return [first, ...all.map(({ status }) => status)];
      }),
    );
    expect(users).toEqual(['busy', 'ok', 'ok']);
  });

  test('ends a run, or the waiting for one, by a signal', async () => {
    const ends = await returned(
      host,
      programInJail(host, async (jail, { Failure }) => {
        const stop = new AbortController();
        const { signal } = stop;
        const runs = Array.from({ length: 5 }, () =>
          jail.exec(['sleep', '15'], { signal }).then(
            ({ status, message }) => `${status}: ${message}`,
            (error) => (error instanceof Failure ? error.exitCode : String(error)),
          ),
        );
        const { readdirSync, readFileSync } = process.getBuiltinModule('node:fs');
        const isSleeping = (pid: string) => {
          try {
            return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'sleep\0' + '15\0';
          } catch {
            return false;
          }
        };
        while (readdirSync('/proc').filter(isSleeping).length < 3) {
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
        const started = performance.now();
        stop.abort();
        const ends = await Promise.all(runs);
        const tookMs = performance.now() - started;
        // Process 1 may be there before it hears of its end, or not.
        const aborted: string[] = [];
        for (let times = 0; times < 30; times++) {
          aborted.push((await jail.exec(['sleep', '15'], { signal })).status);
        }
        const after = await jail.exec(['sh', '-c', 'exit 0']);
        return { ends, tookMs, aborted: [...new Set(aborted)], after: after.status };
      }),
    );
    const ended = 'sandbox_error: interrupted before it had ended';
    expect(ends).toMatchObject({ aborted: ['sandbox_error'], after: 'ok' });
    expect(ends.ends).toEqual([ended, ended, ended, 130, 130]);
    expect(ends.tookMs).toBeLessThan(1500);
  });

  test('gets the end of a run as a result, whatever it is', async () => {
    const ends = await returned(
      host,
      programInJail(host, async (jail) => {
        const end = async (script: string, limits = {}) => {
          const { status, exitCode, signal } = await jail.exec(['sh', '-c', script], { limits });
          return [status, exitCode ?? signal];
        };
        return {
          failed: await end('exit 9'),
          killed: await end('kill -s TERM $$'),
          wall: await end('sleep 9', { wallTimeSeconds: 1 }),
          memory: (await end('x=x; while :; do x=$x$x; done', { memoryBytes: 16e6 }))[0],
          output: await end('while :; do echo xxxx; done', { outputBytes: 1024 }),
          absent: (await jail.exec(['nothing'])).exitCode,
        };
      }),
    );
    expect(ends).toEqual({
      failed: ['runtime_error', 9],
      killed: ['signalled', 'SIGTERM'],
      wall: ['time_limit', 'SIGKILL'],
      memory: 'memory_limit',
      output: ['output_limit', 'SIGKILL'],
      absent: 127,
    });
  });

  test('leaves a run that goes on its user when it closes the jail', async () => {
    const seen = await returned(
      host,
      program(host, async ({ openJail }) => {
        const jail = await openJail('box');
        const run = jail.exec(['sh', '-c', 'sleep 0.5; echo done']);
        await new Promise((resolve) => setTimeout(resolve, 200));
        await jail.close();
        await jail.close();
        return (await run).stdout.toString();
      }),
    );
    expect(seen).toBe('done\n');
  });
});

describe('between two runs of a program', () => {
  /** Runs `commands` on the host between two runs, of which it returns the ends. */
  const between = async (commands: string) => {
    await host.write('/run/between.sh', commands);
    return programInJail(host, async (jail) => {
      const { execFileSync } = process.getBuiltinModule('node:child_process');
      const run = async () => {
        const { status, stdout } = await jail.exec(['sh', '-c', 'echo $MODE; sleep 1.5'], {
          user: 'box1',
        });
        return `${status} ${stdout}`.trim();
      };
      const first = await run();
      execFileSync('sh', ['-e', '/run/between.sh'], { stdio: 'ignore' });
      return [first, await run()];
    });
  };

  const jailctl = (text: string) => `${jailctlShell(text.split(' '))}\n`;

  test('an apply counts for the second', async () => {
    await host.write(
      '/run/changed.yaml',
      `version: 1\n${libraryManifest.replace('20s', '1s').replace('MODE: jail', 'MODE: new')}`,
    );
    const commands = jailctl('apply --yes -f /run/changed.yaml');
    expect(await returned(host, between(commands))).toEqual(['ok jail', 'time_limit new']);
  });

  test('a destroy leaves nothing to run in', async () => {
    expect(await failureOf(between(jailctl('destroy --yes')))).toMatchObject({
      exitCode: 3,
      message: 'this host has no jail box',
    });
    expect(await leftovers(host, 84_000)).toBe('');
  });

  test('the packet rules must stay when the jail is in the network of the host', async () => {
    const open = libraryManifest.replace('    users: 3', '    users: 3\n    network: host');
    await writeManifest(host, open);
    await apply(host);
    expect(await failureOf(between('iptables -D OUTPUT 1\n'))).toMatchObject({ exitCode: 125 });
  });
});

describe('a jail is not opened', () => {
  test('that this host does not have', async () => {
    const open = (engine?: 'runc') =>
      failureOf(
        engine === undefined
          ? program(host, async ({ openJail }) => openJail('none'))
          : program(host, async ({ openJail }) => openJail('none', { engine: 'runc' })),
      );
    const expected = {
      exitCode: 3,
      message: 'this host has no jail none',
      hint: 'there are: box',
    };
    expect(await open()).toEqual(expected);
    expect(await open('runc')).toEqual(expected);
  });

  test('by an engine that this host does not have', async () => {
    const opening = program(host, async ({ openJail }) => openJail('box', { engine: 'runsc' }));
    expect(await failureOf(opening)).toMatchObject({ exitCode: 7 });
  });

  test('by anybody but root', async () => {
    await installForEverybody(host);
    const opening = program(host, async ({ openJail }) => openJail('box'), {
      user: 65534,
      node: '/opt/node',
      library: '/opt/jailctl/dist/library.js',
    });
    expect(await failureOf(opening)).toMatchObject({
      exitCode: 7,
      message: 'only root can run programs in jails',
    });
  });
});
