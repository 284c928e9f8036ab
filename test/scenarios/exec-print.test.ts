import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { inBackground, leftovers, preferCrun } from './exec-jail.ts';
import { apply, shell, writeManifest } from './jails.ts';

/** With all that a manifest lets into a path. */
const jailPath = '/srv/@b.o_x+-1';

const manifest = `
uids: 85000-85999
jails:
  box:
    path: "${jailPath}"
    users: 2
    tools: [sh, cat, sleep, ls]
    limits: { processes: 6, memory: 32MiB, wall_time: 20s, cpu_time: 5s }
    env: { MODE: "a'b c" }
  open: { path: /srv/open, users: 1, tools: [sh], network: host }
`;

let host: TestHost;

/** All that a script needs, and no Node. */
const tools = 'sh mkdir rmdir rm cat sleep flock';

async function makeHost(): Promise<TestHost> {
  const made = await testHost({ cgroups: true });
  await writeManifest(made, manifest);
  await apply(made);
  await shell(
    made,
    `mkdir /run/bin; for tool in ${tools}; do ln -s "$(command -v $tool)" /run/bin; done`,
  );
  return made;
}

beforeAll(async () => {
  host = await makeHost();
});
afterAll(() => host[Symbol.asyncDispose]());

interface Print {
  readonly on?: TestHost;
  readonly jail?: string;
  readonly options?: readonly string[];
}

const print = (argv: readonly string[], { on = host, jail = 'box', options = [] }: Print = {}) =>
  on.jailctl(['exec', '--print', ...options, jail, '--', ...argv]);

const path = '/run/script.sh';

/** Prints a script, and writes it where `start` and `run` find it. */
async function prepare(argv: readonly string[], more: Print = {}): Promise<void> {
  const { exitCode, stdout, stderr } = await print(argv, more);
  if (exitCode !== 0) throw new Error(stderr);
  await (more.on ?? host).write(path, stdout);
}

const onlyTools = ['env', '-i', 'PATH=/run/bin', 'sh', path] as const;

const run = (input = '', on = host) => on.run(onlyTools, { input });

/** Runs shell text in the jail by a printed script. */
async function runScript(text: string, more: Print = {}, input = '') {
  await prepare(['sh', '-c', text], more);
  return run(input, more.on);
}

/** What a script must not leave, besides what no run may leave. */
async function expectNothingLeft(on = host): Promise<void> {
  expect(await leftovers(on, 85_000)).toBe('');
  expect(await shell(on, 'ls -d /run/jailctl /run/runc/* /run/crun/* 2>/dev/null || true')).toBe(
    '',
  );
  expect(await shell(on, "find /sys/fs/cgroup -name 'jailctl-*'")).toBe('');
}

describe('a printed script', () => {
  test('runs nothing while it is printed', async () => {
    const { stdout } = await print(['sh', '-c', 'echo >~/printed']);
    expect(stdout).toMatch(/^#!\/bin\/sh\n/);
    expect(await shell(host, `ls "${jailPath}/home/box1"`)).toBe('');
  });

  test('runs the program by sh, without Node, and leaves nothing', async () => {
    const text = 'cat; echo $USER $HOME "$MODE"; ls -d ~/..; echo bad >&2; exit 7';
    expect(await runScript(text, {}, 'in\n')).toEqual({
      exitCode: 7,
      stdout: "in\nbox1 /home/box1 a'b c\n/home/box1/..\n",
      stderr: 'bad\n',
    });
    await expectNothingLeft();
  });

  test('runs it again and again, as one of the users or as a given one', async () => {
    await prepare(['sh', '-c', 'echo $USER'], { jail: 'box/box2' });
    for (let time = 0; time < 3; time++) {
      expect(await run()).toEqual({ exitCode: 0, stdout: 'box2\n', stderr: '' });
    }
    await expectNothingLeft();
  });

  test('runs two users at the same time', async () => {
    await prepare(['sh', '-c', 'sleep 1; echo one']);
    const first = run();
    const { stdout } = await print(['sh', '-c', 'echo two'], { jail: 'box/box2' });
    await host.write('/run/second.sh', stdout);
    const second = await host.run(['sh', '/run/second.sh']);
    expect([second.stdout, (await first).stdout]).toEqual(['two\n', 'one\n']);
    await expectNothingLeft();
  });

  test('holds it by the layers of a run, with no descriptor of the script', async () => {
    const { stdout, exitCode } = await runScript(
      'cat /proc/self/status; ls /proc/self/fd; ls /proc/net/dev && cat /proc/net/dev',
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Uid:\s+85000\s+85000\s+85000\s+85000$/m);
    expect(stdout).toMatch(/^NoNewPrivs:\s+1$/m);
    expect(stdout).toMatch(/^Seccomp:\s+2$/m);
    expect(stdout.match(/^Cap\w+:\s+0+$/gm)).toHaveLength(5);
    expect(stdout).toMatch(/^0\n1\n2\n3\n\/proc/m);
    expect(stdout).not.toMatch(/^\s*eth/m);
  });

  test('passes on its input byte for byte, and ends when the program does not read it', async () => {
    await prepare(['cat']);
    const bytes = `${'x'.repeat(300_000)}\n`;
    expect(await run(bytes)).toEqual({ exitCode: 0, stdout: bytes, stderr: '' });
    expect(await runScript('exit 0', {}, bytes)).toMatchObject({ exitCode: 0 });
  });

  test('exits as the program does, or as its limits end it', async () => {
    const endOf = async (text: string, ...options: string[]) =>
      (await runScript(text, { options })).exitCode;
    expect(await endOf('kill -s TERM $$')).toBe(143);
    expect(await endOf('x=x; while :; do x=$x$x; done')).toBe(137);
    expect(await endOf('while :; do :; done', '--limit', 'cpu_time=1s')).toBeGreaterThan(128);
    await prepare(['nothing']);
    expect((await run()).exitCode).toBe(127);
    await prepare(['/etc/passwd']);
    expect((await run()).exitCode).toBe(126);
    const forks = await runScript('for i in 1 2 3 4 5 6 7; do sleep 1 & done; wait');
    expect(forks.stderr).toMatch(/fork/i);
    await expectNothingLeft();
  });

  test('ends the program when its wall time is over', async () => {
    const started = performance.now();
    const ended = await runScript('sleep 15 & sleep 15', { options: ['--limit', 'wall_time=1s'] });
    expect(ended.exitCode).toBe(137);
    expect(performance.now() - started).toBeLessThan(5000);
    await expectNothingLeft();
  });

  test('hands over every word as it is', async () => {
    const words = [
      "it's",
      '"quoted"',
      '$HOME `id` $(id) \\ \\n %s !',
      'two\nlines\n',
      'END_OF_CONFIG',
      'x\nEND_OF_CONFIG\nexit 9\n',
      "'\nEND_OF_CONFIG\n'",
      'žluťoučký 🐎',
      '\u2028\u007f\u001b[31m\t\r',
      '',
      '-n',
    ];
    await prepare(['sh', '-c', 'printf "<%s>\\n" "$@"', 'sh', ...words]);
    const stdout = words.map((word) => `<${word}>\n`).join('');
    expect(await run()).toEqual({ exitCode: 0, stdout, stderr: '' });
  });

  test('has the variables and the home that it was printed for', async () => {
    const options = ['--env', "A=it's\nEND_OF_CONFIG", '--fresh-home'];
    const seen = await runScript('echo "$A"; ls ~; echo >~/lost; ls ~', { options });
    expect(seen.stdout).toBe("it's\nEND_OF_CONFIG\nlost\n");
    expect(await shell(host, `ls "${jailPath}/home/box1"`)).toBe('');
  });
});

describe('while a user is leased', () => {
  test('to jailctl, the script is refused, and runs afterwards', async () => {
    await prepare(['sh', '-c', 'echo ran']);
    {
      await using _running = inBackground(host, { jail: 'box/box1', argv: ['sleep', '15'] });
      await expect
        .poll(async () => (await host.run(['pgrep', '-x', 'sleep'])).exitCode, { timeout: 10_000 })
        .toBe(0);
      const refused = { exitCode: 5, stdout: '', stderr: 'box1 is running something\n' };
      expect(await run()).toEqual(refused);
      // It has not taken away what the other one needs.
      expect(await run()).toEqual(refused);
    }
    await expect
      .poll(() => run(), { timeout: 10_000 })
      .toMatchObject({ exitCode: 0, stdout: 'ran\n' });
    await expectNothingLeft();
  });

  test('to a script, jailctl takes another one, or is refused', async () => {
    await prepare(['sleep', '15']);
    await using _script = host.spawn(onlyTools);
    await expect
      .poll(async () => (await host.run(['pgrep', '-x', 'sleep'])).exitCode, { timeout: 10_000 })
      .toBe(0);
    const whoami = (jail: string) => host.jailctl(['exec', jail, '--', 'sh', '-c', 'echo $USER']);
    expect(await whoami('box')).toMatchObject({ exitCode: 0, stdout: 'box2\n' });
    expect(await whoami('box/box1')).toMatchObject({
      exitCode: 5,
      stdout: '',
      stderr: expect.stringMatching(/box1 \(pid \d+\)/),
    });
    // A killed script does not give the user away while its program runs.
    await shell(host, 'kill -s KILL "$(sed "s/pid //" /run/jailctl/leases/box1)"');
    expect(await whoami('box/box1')).toMatchObject({ exitCode: 5 });
    await shell(host, 'pkill -x -U 85000 sleep');
    await expect
      .poll(async () => (await whoami('box/box1')).stdout, { timeout: 10_000 })
      .toBe('box1\n');
    await expectNothingLeft();
  });

  test.for([
    ['TERM', 143],
    ['INT', 130],
  ] as const)('SIG%s ends the program, and nothing is left', async ([name, code]) => {
    await prepare(['sh', '-c', 'sleep 15 & sleep 15']);
    await using script = host.spawn(onlyTools);
    await expect
      .poll(async () => (await host.run(['pgrep', '-x', 'sleep'])).exitCode, { timeout: 10_000 })
      .toBe(0);
    await shell(host, `kill -s ${name} "$(sed 's/pid //' /run/jailctl/leases/box1)"`);
    expect(await script.result()).toMatchObject({ exitCode: code });
    await expectNothingLeft();
  });
});

describe('by crun', () => {
  test('a script does the same', async () => {
    await using other = await makeHost();
    await preferCrun(other);
    const more = { on: other, options: ['--engine', 'crun'] };
    const text = 'cat; ls /proc/self/fd; exit 7';
    const ended = await runScript(text, more, 'in\n');
    expect(ended).toEqual({ exitCode: 7, stdout: 'in\n0\n1\n2\n3\n', stderr: '' });
    expect((await runScript('x=x; while :; do x=$x$x; done', more)).exitCode).toBe(137);
    await expectNothingLeft(other);
  });
});

describe('nothing is printed', () => {
  test.for(['--in=/etc/passwd', '--clean-home', '--tty', '--wait', '--meta=/run/m', '--json'])(
    'with %s, which no script can do',
    async (option) => {
      const refused = await print(['ls'], { options: [option] });
      expect(refused.exitCode).toBe(3);
      expect(`${refused.stdout}${refused.stderr}`).toContain(
        `--print can't put ${option.replace(/=.*/, '')} into a script`,
      );
    },
  );

  test('for a jail, a user, a limit or an engine that can not be', async () => {
    const code = async (more: Print) => {
      const { exitCode, stdout } = await print(['ls'], more);
      expect(stdout).toBe('');
      return exitCode;
    };
    expect(await code({ jail: 'none' })).toBe(3);
    expect(await code({ jail: 'box/none' })).toBe(3);
    expect(await code({ options: ['--limit', 'memory=1GiB'] })).toBe(3);
    expect(await code({ options: ['--engine', 'chroot'] })).toBe(3);
    expect(await code({ options: ['--engine', 'runsc'] })).toBe(7);
  });

  test('for a jail that is not as the manifest says, when that is wanted', async () => {
    const changed = '/run/changed.yaml';
    await host.write(changed, `version: 1\n${manifest.replace('32MiB', '31MiB')}`);
    const warned = await print(['ls'], { options: ['--file', changed] });
    expect(warned).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('memory differs'),
    });
    const refused = await print(['ls'], { options: ['--file', changed, '--strict'] });
    expect(refused).toMatchObject({ exitCode: 4, stdout: '' });
  });

  test('for a jail in the network of the host without its packet rules', async () => {
    await using other = await makeHost();
    expect(await print(['sh'], { on: other, jail: 'open' })).toMatchObject({ exitCode: 0 });
    await shell(other, 'ip6tables -D OUTPUT 1');
    expect(await print(['sh'], { on: other, jail: 'open' })).toMatchObject({
      exitCode: 125,
      stdout: '',
    });
  });
});
