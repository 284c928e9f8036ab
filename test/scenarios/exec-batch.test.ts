import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { answersIn, batch, byId, linesOf, script } from './batch.ts';
import { jailctlShell, onTerminal } from './cli.ts';
import { leftovers } from './exec-jail.ts';
import { apply, shell, writeManifest } from './jails.ts';

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await writeManifest(
    host,
    `
uids: 83000-83999
jails:
  box: { users: 3, tools: [sh, cat, sleep, ls], limits: { processes: 8, memory: 64MiB, wall_time: 30s } }
`,
  );
  await apply(host);
});
afterAll(() => host[Symbol.asyncDispose]());

const full = '█'.repeat(20);

describe('a batch', () => {
  test('answers each job by its id, or else the number of its line, as each ends', async () => {
    const { answers, exitCode } = await batch(host, [
      script('sleep 1; echo slow', { id: 'slow' }),
      '',
      script('echo quick'),
      script('exit 3', { id: 40 }),
    ]);
    expect(exitCode).toBe(0);
    expect(answers.at(-1)).toMatchObject({ id: 'slow', status: 'ok', stdout: 'slow\n' });
    expect(byId(answers)).toMatchObject({
      3: { id: 3, status: 'ok', stdout: 'quick\n' },
      40: { id: 40, status: 'runtime_error', exit_code: 3, stdout: '', stderr: '' },
    });
  });

  test('runs no more at once than there are users, and gives each job one of its own', async () => {
    const jobs = Array.from({ length: 8 }, (_, id) =>
      script('sleep 0.3; echo $USER; ls ~', { id, home: 'keep' }),
    );
    const { answers } = await batch(host, jobs);
    expect(new Set(answers.map(({ user }) => user))).toEqual(new Set(['box1', 'box2', 'box3']));
    for (const { user, stdout } of answers) expect(stdout).toBe(`${user}\n`);
    const { answers: alone } = await batch(host, jobs.slice(0, 3), '--env', 'X=1', '--fresh-home');
    expect(alone).toHaveLength(3);
  });

  test('runs one after the other when it is told the user', async () => {
    const jobs = [1, 2, 3].map((id) => script('cat ~/n 2>/dev/null; echo x >>~/n', { id }));
    await host.write('/run/jobs.ndjson', linesOf(jobs));
    const args = ['exec', '--batch', '/run/jobs.ndjson', '--limit', 'wall_time=9s', 'box/box2'];
    const answers = answersIn((await host.jailctl(args)).stdout);
    const seen = answers.map(({ id, user, stdout }) => [id, user, stdout]);
    expect(seen).toEqual([1, 2, 3].map((id) => [id, 'box2', 'x\n'.repeat(id - 1)]));
  });

  test('gives a job what it says to read, and nothing else', async () => {
    await host.write('/run/in/1.txt', 'from a file\n');
    const argv = ['cat'];
    const long = 'x'.repeat(300_000);
    const { answers, exitCode } = await batch(host, [
      { id: 'text', argv, stdin: 'žluťoučký\n' },
      { id: 'empty', argv, stdin: '' },
      { id: 'none', argv },
      { id: 'file', argv, stdin_file: '/run/in/1.txt' },
      { id: 'relative', argv, stdin_file: 'in/1.txt' },
      {
        id: 'long',
        argv: ['sh', '-c', 'read x; [ "$x" = "$(cat)" ] && echo same'],
        stdin: `${long}\n${long}`,
      },
      { id: 'unread', argv: ['sh', '-c', 'exit 0'], stdin: long },
    ]);
    expect(exitCode).toBe(0);
    expect(byId(answers)).toMatchObject({
      text: { stdout: 'žluťoučký\n' },
      empty: { status: 'ok', stdout: '' },
      none: { status: 'ok', stdout: '' },
      file: { stdout: 'from a file\n' },
      relative: { stdout: 'from a file\n' },
      long: { stdout: 'same\n' },
      unread: { status: 'ok' },
    });
  });

  test('tells output that is not UTF-8 in base64', async () => {
    const { answers } = await batch(host, [
      script("printf '\\377\\000a'; printf 'ok' >&2", { id: 'out' }),
      script("printf 'a\\000\\n'; printf '\\303' >&2", { id: 'err' }),
    ]);
    const { out, err } = byId(answers);
    expect(out).toMatchObject({ stdout_base64: '/wBh', stderr: 'ok' });
    expect(out).not.toHaveProperty('stdout');
    expect(err).toMatchObject({ stdout: 'a\0\n', stderr_base64: 'ww==' });
    expect(err).not.toHaveProperty('stderr');
  });

  test('holds each job to its own limits', async () => {
    const { answers, exitCode } = await batch(
      host,
      [
        script('sleep 9', { id: 'wall', limits: { wall_time: '1s' } }),
        script('x=x; while :; do x=$x$x; done', { id: 'memory', limits: { memory: '16MiB' } }),
        script('while :; do echo xxxx; done', { id: 'output', limits: { output: '1KiB' } }),
        script('kill -s SEGV $$', { id: 'signal' }),
      ],
      ...['--limit', 'memory=32MiB', '--limit', 'output=2KiB'],
    );
    expect(exitCode).toBe(0);
    expect(byId(answers)).toMatchObject({
      wall: { status: 'time_limit', signal: 'SIGKILL' },
      memory: { status: 'memory_limit' },
      output: { status: 'output_limit', output_bytes: 1024, output_cut: true },
      signal: { status: 'signalled', signal: 'SIGSEGV' },
    });
  });

  test('has the environment and the homes that its jobs say', async () => {
    const text = 'echo $A $B; ls ~; echo x >~/new';
    const { answers } = await batch(
      host,
      [
        script(text, { id: 'fresh', home: 'fresh', env: { B: 'b=1:2' }, user: 'box3' }),
        script(text, { id: 'clean', clean_home: true, env: { A: 'mine' }, user: 'box3' }),
        script(text, { id: 'after', home: 'keep', user: 'box3' }),
      ],
      ...['--env', 'A=theirs'],
    );
    expect(byId(answers)).toMatchObject({
      fresh: { user: 'box3', stdout: 'theirs b=1:2\n' },
      clean: { user: 'box3', stdout: 'mine\n' },
      after: { user: 'box3', stdout: 'theirs\n' },
    });
  });

  test('of nothing is done at once', async () => {
    const nothing = { exitCode: 0, answers: [], stderr: `${full} 0 of 0 programs\n` };
    expect(await batch(host, [])).toEqual(nothing);
    expect(await batch(host, ['', '  '])).toEqual(nothing);
  });

  test('says on stderr how all of it went', async () => {
    const { stderr } = await batch(host, [script('exit 1'), script('exit 0'), script('exit 0')]);
    expect(stderr).toMatch(
      new RegExp(`^${full} 3 of 3 programs: (1 runtime_error, 2 ok|2 ok, 1 runtime_error)\n$`),
    );
  });

  test('draws on a terminal how far it is, when the results go elsewhere', async () => {
    await host.write('/run/jobs.ndjson', linesOf([script('exit 0'), script('sleep 1')]));
    const jailctl = jailctlShell(['exec', '--batch', '/run/jobs.ndjson', 'box']);
    const { stdout } = await host.run(
      [
        ...(['script', '--quiet', '--return', '--command'] as const),
        `stty rows 24 cols 80; ${jailctl} >/run/results.ndjson`,
        '/dev/null',
      ],
      { env: { SHELL: '/bin/sh', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' } },
    );
    expect(stdout).toContain('░'.repeat(20));
    expect(stdout).toContain(`${full} 2 of 2 programs: 2 ok`);
    const results = (await host.read('/run/results.ndjson')).trim().split('\n');
    expect(results.map((line) => JSON.parse(line).status)).toEqual(['ok', 'ok']);
  });

  test('draws nothing between results on the same terminal', async () => {
    const args = ['exec', '--batch', '/run/jobs.ndjson', 'box'];
    const { stdout } = await onTerminal(host, args, '');
    expect(stdout).not.toContain('░');
    expect(stdout).toContain(`${full} 2 of 2 programs: 2 ok`);
  });
});

describe('jobs that can not be run', () => {
  test('are errors among the results, and the others run', async () => {
    const { answers, exitCode, stderr } = await batch(host, [
      'nonsense',
      { id: 'key', argv: ['ls'], limts: {} },
      { id: 'raised', argv: ['ls'], limits: { memory: '1GiB' } },
      { id: 'user', argv: ['ls'], user: 'root' },
      { id: 'file', argv: ['ls'], stdin_file: '/run/none' },
      { id: 'directory', argv: ['ls'], stdin_file: '/run' },
      { id: 'absent', argv: ['nothing'] },
      script('echo good', { id: 'good' }),
    ]);
    expect(exitCode).toBe(1);
    const error = (message: RegExp) => ({
      type: 'error',
      exit_code: 3,
      message: expect.stringMatching(message),
    });
    expect(byId(answers)).toMatchObject({
      1: error(/^it is not JSON/),
      key: error(/no key "limts"/),
      raised: error(/more than the jail's limit of 64MiB/),
      user: error(/no user root/),
      file: error(/\/run\/none can't be read/),
      directory: error(/\/run can't be read/),
      absent: { status: 'sandbox_error', exit_code: 127 },
      good: { status: 'ok', stdout: 'good\n' },
    });
    expect(stderr).toContain('6 error');
  });

  test('stop a batch before it begins when it is the command line that is wrong', async () => {
    const jobs = [script('exit 0')];
    const refused = async (...options: string[]) => {
      const { exitCode, answers, stderr } = await batch(host, jobs, ...options);
      expect(answers).toEqual([]);
      return [exitCode, stderr.split('\n')[0]];
    };
    expect(await refused('--limit', 'memory=1GiB')).toEqual([
      3,
      "jailctl: memory=1GiB is more than the jail's limit of 64MiB",
    ]);
    expect(await refused('--env', 'A')).toEqual([3, 'jailctl: "A" is a name without a value']);
    expect(await refused('--engine', 'runsc')).toEqual([7, expect.stringContaining('runsc')]);
    for (const option of ['--tty', '--print', '--meta=/run/meta']) {
      expect(await refused(option)).toEqual([3, expect.stringContaining('do not go together')]);
    }
    const none = await host.jailctl(['exec', '--batch', '/run/none', 'box']);
    expect(none).toMatchObject({ exitCode: 3, stdout: '' });
    expect(none.stderr).toContain("/run/none can't be read");
    const both = await host.jailctl(['exec', '--batch', '/run/jobs.ndjson', 'box', '--', 'ls']);
    expect(both).toMatchObject({ exitCode: 3, stdout: '' });
    const user = await host.jailctl(['exec', '--batch', '/run/jobs.ndjson', 'box/box9']);
    expect(user).toMatchObject({ exitCode: 3, stdout: '' });
  });
});

describe('jobs from standard input', () => {
  const jailctl = jailctlShell(['exec', '--batch', '-', 'box']);

  test('are answered while more of them can still come', async () => {
    await shell(host, 'mkfifo /run/jobs');
    await using running = host.spawn(['sh', '-c', `${jailctl} </run/jobs`]);
    await using writer = host.spawn([
      ...(['sh', '-c'] as const),
      'exec 3>/run/jobs; printf %s "$1" >&3; until [ -e /run/go ]; do sleep 0.02; done; printf %s "$2" >&3',
      ...['sh', linesOf([script('exit 0', { id: 'first' })]), JSON.stringify(script('exit 1'))],
    ]);
    await running.printed('"id":"first"');
    await host.write('/run/go', '');
    const { exitCode, stdout, stderr } = await running.result();
    await writer.result();
    expect(exitCode).toBe(0);
    expect(answersIn(stdout)).toMatchObject([
      { id: 'first', status: 'ok' },
      { id: 2, status: 'runtime_error' },
    ]);
    expect(stderr).toBe('2 programs: 1 ok, 1 runtime_error\n');
  });

  test.for([
    ['TERM', 143],
    ['INT', 130],
  ] as const)('end with SIG%s, and nothing is left', async ([name, code]) => {
    const [fifo, pid] = [`/run/fifo-${name}`, `/run/pid-${name}`];
    await shell(host, `mkfifo ${fifo}`);
    const jobs = Array.from({ length: 9 }, (_, id) => script('sleep 50', { id }));
    // The other end stays open: jailctl must not wait for it.
    const write = 'exec 3>"$1"; printf %s "$2" >&3; exec sleep 60';
    await using _writer = host.spawn(['sh', '-c', write, 'sh', fifo, linesOf(jobs)]);
    await using running = host.spawn(['sh', '-c', `echo $$ >${pid}; exec ${jailctl} <${fifo}`]);
    const sleepers = async () =>
      (await host.run(['pgrep', '--exact', 'sleep', '--uid', '83000,83001,83002'])).stdout;
    await expect
      .poll(async () => (await sleepers()).match(/\d+/g) ?? [], { timeout: 10_000 })
      .toHaveLength(3);
    await shell(host, `kill -s ${name} $(cat ${pid})`);
    const { stdout, stderr, exitCode } = await running.result();
    expect(exitCode).toBe(code);
    expect(await leftovers(host, 83_000)).toBe('');
    // Those that ran, and no other has been begun.
    const answers = answersIn(stdout);
    expect(answers.map(({ id }) => id).sort()).toEqual([0, 1, 2]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 'sandbox_error',
        message: expect.stringContaining('interrupted'),
      });
    }
    expect(stderr).toContain(`SIG${name}: ending the programs that run`);
    expect(stderr).toContain('3 programs: 3 sandbox_error');
  });
});
