import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunningCommand } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';
import { exec, inBackground, leftovers, provision } from './exec-jail.ts';
import { verdictsOf, verifyDocument } from './verify-document.ts';

const manifest = `jails:
  jail:
    users: 2
    tools: [ls, sleep, "true"]
  other:
    users: 1
    tools: [ls]
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await provision(host, manifest);
});
afterAll(() => host?.[Symbol.asyncDispose]());

const shell = (script: string) => host.ok(['sh', '-c', script]);

/** What no verification may leave, a line each. */
const traces = async () =>
  (await leftovers(host, 70_000)) +
  (await shell(`pgrep -a 'jailctl-(probe|janitor|launch)'; pgrep -af '[j]ailctl-janitor'
    ls -d /run/jailctl* /srv/*/.jailctl-probe-* | grep -v throwaway; true`));

const argv = (engine: string, only: string) =>
  [
    ...[process.execPath, jailctlPath, 'verify', '--jail', 'jail', '--engine', engine],
    ...['--only', only, '--json'],
  ] as const;

/** Starts one that takes some seconds, and waits until it has run some probes. */
async function started(engine: string, waitSeconds: number): Promise<RunningCommand> {
  const running = host.spawn(argv(engine, 'processes,resources,files,network'));
  await shell(`until pgrep -x jailctl-probe; do sleep 0.01; done; sleep ${waitSeconds}`);
  return running;
}

const signal = (name: string) => shell(`pkill -${name} -f '^[^ ]*node [^ ]*jailctl.js verify'`);

describe.for(['runc', 'chroot'])('a verification by %s', (engine) => {
  test.for([
    ['INT', 130],
    ['TERM', 143],
  ] as const)('ends in order on SIG%s, and leaves nothing', async ([name, code]) => {
    await using running = await started(engine, 0.4);
    await signal(name);
    const ended = await running.result();
    expect(ended.exitCode).toBe(code);
    expect(verifyDocument(ended).interrupted).toBe(true);
    // What was cut off is not told as if something had been found.
    expect(verdictsOf(ended).filter((one) => one.went_wrong || one.verdict === 'failed')).toEqual(
      [],
    );
    expect(await traces()).toBe('');
  });

  test('ends at once on a second signal, and the next one removes what is left', async () => {
    await using running = await started(engine, 0.3);
    await signal('INT');
    await signal('INT').catch(() => {});
    expect((await running.result()).exitCode).toBe(130);
    await host.ok(argv(engine, 'privilege/umask'));
    // The janitors of both users clean up, and the later one may still be at it.
    await expect.poll(traces, { timeout: 20_000 }).toBe('');
  });

  test.for([0, 0.3, 0.9])(
    'killed after %s seconds leaves nothing that the next one does not remove',
    async (seconds) => {
      await using running = await started(engine, seconds);
      await signal('KILL');
      await running.result();
      // The users are free as soon as what ran is gone.
      const { result } = await exec(host, { jail: 'jail', argv: ['true'] });
      expect(result.status).toBe('ok');
      await host.ok(argv(engine, 'privilege/umask'));
      // The janitors of both users clean up, and the later one may still be at it.
      await expect.poll(traces, { timeout: 20_000 }).toBe('');
    },
  );
});

test('apply removes the helper that a killed verification left in a jail', async () => {
  await using running = await started('chroot', 0);
  await signal('KILL');
  await running.result();
  expect(await shell('ls -d /srv/jail/.jailctl-probe-*')).not.toBe('');
  const applied = await host.jailctl(['apply', '--yes', '--file', '/srv/jails.yaml']);
  expect(applied).toMatchObject({ exitCode: 0 });
  expect(await shell('ls -d /srv/*/.jailctl-probe-* || true')).toBe('');
});

describe('verify', () => {
  test('waits for users that run something', async () => {
    await using first = inBackground(host, { jail: 'jail', argv: ['sleep', '3'] });
    await using second = inBackground(host, { jail: 'jail', argv: ['sleep', '3'] });
    await shell('until [ "$(pgrep -xc sleep -u jail1,jail2)" = 2 ]; do sleep 0.02; done');
    await using verifying = host.spawn(argv('runc', 'privilege/umask'));
    const [one, two, ended] = await Promise.all(
      [first, second, verifying].map((it) => it.result()),
    );
    expect([one?.exitCode, two?.exitCode]).toEqual([0, 0]);
    expect(ended).toMatchObject({ exitCode: 0 });
  });

  test('waits for a user, until it is interrupted', async () => {
    await using _first = inBackground(host, { jail: 'other', argv: ['ls', '-R', '/proc/self'] });
    await using busy = inBackground(host, { jail: 'jail/jail1', argv: ['sleep', '20'] });
    await shell('until pgrep -x sleep -u jail1; do sleep 0.02; done');
    await using verifying = host.spawn(argv('runc', 'privilege/umask,privilege/capabilities'));
    await shell('until pgrep -xf ".*jailctl-janitor.*jail1.*" && sleep 1; do sleep 0.02; done');
    await signal('INT');
    expect((await verifying.result()).exitCode).toBe(130);
    await busy[Symbol.asyncDispose]();
  });

  test('attacks nothing when a marker is damaged', async () => {
    await shell(
      'cp /srv/other/.jailctl/settings.json /root && echo "{" >/srv/other/.jailctl/settings.json',
    );
    const ended = await host.jailctl(['verify', '--only', 'privilege/umask']);
    await shell('cp /root/settings.json /srv/other/.jailctl/settings.json');
    expect(ended).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('the settings of jail other are missing or damaged'),
    });
  });

  test('leaves out a jail without users, and says so', async () => {
    await provision(host, `${manifest}  empty:\n    users: 0\n    tools: [ls]\n`);
    const all = await host.jailctl(['verify', '--only', 'privilege/umask', '--json']);
    expect(
      verifyDocument(all)
        .jails.map(({ jail }) => jail)
        .sort(),
    ).toEqual(['jail', 'other']);
    expect(all).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('jail empty') });
    const alone = await host.jailctl(['verify', '--jail', 'empty']);
    expect(alone).toMatchObject({ exitCode: 3, stdout: '' });
  });
});
