import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exitCode } from '../../src/model/exit-code.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { exec, inBackground, leftovers, provision } from './exec-jail.ts';

const firstUid = 85000;
const init = fileURLToPath(new URL('../../dist/jailctl-init', import.meta.url));

const content = `tools: [sh, cat, sleep, touch, "true"]`;
const manifest = `uids: ${firstUid}-${firstUid + 999}
jails:
  box: { users: 1, ${content}, limits: { memory: 64MiB } }
  lax: { users: 1, ${content}, optional: [seccomp, processes, memory] }
  open: { users: 1, ${content}, network: host }
  some: { users: 1, ${content}, network: { allow: [ { to: 192.0.2.1, port: 1, protocol: tcp } ] } }
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(host, manifest);
});
afterAll(() => host[Symbol.asyncDispose]());

const shell = (text: string) => host.ok(['sh', '-ec', text]);

interface Refusal {
  readonly jail?: string;
  readonly options?: readonly string[];
  readonly exits: number;
  /** Of what jailctl says: layer, reason, remedy. */
  readonly says: readonly (string | RegExp)[];
}

/** A run is refused, and the program was not started. */
async function expectRefused({ jail = 'box', options = [], exits, says }: Refusal): Promise<void> {
  const argv = ['exec', ...options, jail, '--', 'sh', '-c', 'echo ran; touch ~/ran'];
  const { exitCode: code, stdout, stderr } = await host.jailctl(argv);
  for (const part of says) expect(stderr).toMatch(part);
  expect([code, stdout]).toEqual([exits, '']);
  expect(await shell('ls /srv/*/home/*')).not.toContain('ran');
  expect(await leftovers(host, firstUid)).toBe('');
}

async function expectRuns(jail = 'box') {
  const answer = await exec(host, { jail, argv: ['cat', '/proc/self/status'] });
  expect([answer.exitCode, answer.result.status]).toEqual([0, 'ok']);
  return answer;
}

describe('what a host lacks', () => {
  test('nothing: each jail runs programs', async () => {
    for (const jail of ['box', 'lax', 'open', 'some']) await expectRuns(jail);
  });

  test('a runtime: the run is refused, with what to install', async () => {
    await shell('for it in crun runc; do at=$(command -v $it) && mv $at $at.away || true; done');
    await expectRefused({
      exits: exitCode.missing,
      says: ['no runc', 'no crun', 'apt-get install', '--engine chroot'],
    });
    await shell(`for at in /usr/bin/crun /usr/sbin/crun /usr/bin/runc /usr/sbin/runc; do
      test ! -e $at.away || mv $at.away $at
    done`);
    const options = ['--engine', 'runsc'];
    await expectRefused({ options, exits: exitCode.missing, says: ['no runsc', 'gvisor.dev'] });
    await expectRuns();
  });

  test('process 1 of a run: the run is refused, with how to get it', async () => {
    await shell(`mv ${init} ${init}.away`);
    await expectRefused({
      exits: exitCode.missing,
      says: ['jailctl-init is missing', 'npm run build'],
    });
    await shell(`mv ${init}.away ${init}; chmod 0644 ${init}`);
    await expectRefused({ exits: exitCode.missing, says: ['not executable', 'chmod 0755'] });
    await shell(`chmod 0755 ${init}`);
    await expectRuns();
  });

  test('a filter of system calls: the run is refused, unless the jail does without', async () => {
    await shell('mkdir /run/empty; mount --bind /run/empty /proc/sys/kernel/seccomp');
    try {
      await expectRefused({
        exits: exitCode.sandbox,
        says: ["seccomp can't be enforced", 'kernel', 'libseccomp', '`optional`'],
      });
      const { output, result } = await expectRuns('lax');
      expect(output).toMatch(/^Seccomp:\t0$/m);
      const why = expect.stringContaining('kernel');
      expect(result.layers['seccomp']).toEqual({ state: 'absent', why });
    } finally {
      await shell('umount /proc/sys/kernel/seccomp');
    }
    expect((await expectRuns('lax')).output).toMatch(/^Seccomp:\t2$/m);
  });

  test('packet rules: only a run in the network of the host needs them', async () => {
    for (const command of ['iptables', 'ip6tables']) {
      await shell(`${command} -D OUTPUT 1`);
      const jail = command === 'iptables' ? 'open' : 'some';
      await expectRefused({
        jail,
        exits: exitCode.sandbox,
        says: ['packet rules', 'jailctl apply'],
      });
      const options = ['--engine', 'chroot'];
      await expectRefused({ options, exits: exitCode.sandbox, says: ['packet rules'] });
      await expectRuns('box');
      await provision(host, manifest);
      await expectRuns('open');
    }
  });
});

describe('without control groups', () => {
  let bare: TestHost;
  beforeAll(async () => {
    bare = await testHost();
    await provision(bare, manifest);
  });
  afterAll(() => bare[Symbol.asyncDispose]());

  const refused = async () => {
    const { exitCode: code, stdout, stderr } = await bare.jailctl(['exec', 'box', '--', 'true']);
    expect([code, stdout]).toEqual([exitCode.sandbox, '']);
    return stderr;
  };

  test('a run is refused for each limit, with the reason and the remedy', async () => {
    const said = await refused();
    for (const name of ['processes', 'memory']) expect(said).toContain(`${name} can't be enforced`);
    expect(said).toContain('no cgroup hierarchy with the controller pids is mounted');
    expect(said).toContain('mount -t cgroup2');
  });
});

/** The directories of the hierarchies that have a controller, with a line for each. */
const placeOf = (controller: string) =>
  `findmnt --noheadings --output TARGET --types cgroup --options ${controller} | head -n 1`;

describe('without one controller', () => {
  let other: TestHost;
  beforeAll(async () => {
    other = await testHost({ cgroups: true });
    await provision(other, manifest);
  });
  afterAll(() => other[Symbol.asyncDispose]());
  const inOther = (text: string) => other.ok(['sh', '-ec', text]);
  const run = (jail: string, ...options: string[]) =>
    other.jailctl(['exec', ...options, jail, '--', 'true']);

  test.for([
    ['pids', 'processes'],
    ['memory', 'memory'],
  ] as const)(
    '%s, a run is refused for want of the limit of %s',
    async ([controller, name], { skip }) => {
      const place = (await inOther(placeOf(controller))).trim();
      // With version 2 alone, a controller can't be taken from a part of the host.
      skip(place === '');
      await inOther(`mount -o remount,bind,ro ${place}`);
      const readOnly = await run('box');
      expect([readOnly.exitCode, readOnly.stderr]).toEqual([
        exitCode.sandbox,
        expect.stringMatching(
          new RegExp(`${name} can't be enforced: .*${place} is mounted read-only`),
        ),
      ]);
      await inOther(`umount ${place}`);
      const missing = await run('box');
      expect([missing.exitCode, missing.stderr]).toEqual([
        exitCode.sandbox,
        expect.stringContaining(`${name} can't be enforced`),
      ]);
      const lax = await run('lax', '--json');
      expect(lax.exitCode).toBe(0);
      expect(JSON.parse(lax.stdout).limits[name].state).toBe('absent');
      await inOther(`mount -t cgroup -o ${controller} cgroup ${place}`);
      expect((await run('box')).exitCode).toBe(0);
    },
  );
});

describe('a command that can not be run as it is asked for', () => {
  test.each([
    ['has no such command', ['box', '--', 'nothing'], 127, /nothing: not found in the jail/],
    ['has a file that is not there', ['box', '--', '/no/such'], 127, /\/no\/such: not found/],
    [
      'has one that is not executable',
      ['box', '--', '/etc/passwd'],
      126,
      /\/etc\/passwd: not executable/,
    ],
    ['has a directory', ['box', '--', '/usr'], 126, /\/usr: not executable/],
    ['names a jail that is not there', ['bx', '--', 'true'], 3, /no jail bx[\s\S]*box/],
    ['names a user that is not there', ['box/box9', '--', 'true'], 3, /no user box9[\s\S]*box1/],
    [
      'has a flag that is not there',
      ['--limits', 'x', 'box', '--', 'true'],
      3,
      /unknown option '--limits'[\s\S]*--limit/,
    ],
    [
      'has an engine that is not there',
      ['--engine', 'docker', 'box', '--', 'true'],
      3,
      /crun, runc, runsc, chroot/,
    ],
    [
      'has a limit that is not there',
      ['--limit', 'memry=1MiB', 'box', '--', 'true'],
      3,
      /did you mean memory/,
    ],
    [
      'has a limit that is no limit',
      ['--limit', 'memory', 'box', '--', 'true'],
      3,
      /example: --limit/,
    ],
    ['raises a limit', ['--limit', 'memory=1GiB', 'box', '--', 'true'], 3, /--allow-raise/],
    [
      'has a variable without a name',
      ['--env', '=x', 'box', '--', 'true'],
      3,
      /"" can't be the name/,
    ],
    ['has no program', ['box'], 3, /missing required argument|which program/],
  ])('it %s', async (_, args, exits, says) => {
    const { exitCode: code, stdout, stderr } = await host.jailctl(['exec', ...args]);
    expect(stderr).toMatch(says);
    expect([code, stdout]).toEqual([exits, '']);
  });

  test('there is nobody to run it, until somebody is free', async () => {
    const argv = ['sh', '-c', 'echo busy; exec sleep 60'];
    await using busy = inBackground(host, { jail: 'box', argv });
    await busy.printed('busy');
    await expectBusy('box');
    await expectBusy('box/box1');
    await busy[Symbol.asyncDispose]();
    await expect.poll(() => leftovers(host, firstUid)).toBe('');
    await expectRuns();
  });

  async function expectBusy(target: string) {
    const { exitCode: code, stdout, stderr } = await host.jailctl(['exec', target, '--', 'true']);
    expect(stderr).toMatch(/--wait/);
    expect([code, stdout]).toEqual([exitCode.locked, '']);
  }
});
