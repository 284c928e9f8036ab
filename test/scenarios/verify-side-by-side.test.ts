import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { leftovers, provision } from './exec-jail.ts';
import { verdictsOf } from './verify-document.ts';

/** Issue 4 speaks of ten; a test of four finds the same mistakes. */
const jails = ['one', 'two', 'three', 'four'];

/** With what could disturb others: canaries, listeners, signals, limits, and users of two jails. */
const probes = [
  ...['processes/kill-outside', 'processes/trace-outside', 'processes/daemon'],
  ...['files/directory-from-sibling', 'files/directory-from-neighbour', 'files/symlink-out'],
  ...['network/tcp-server', 'network/abstract-sibling', 'leaks/ipc-of-host', 'leaks/key-found'],
  ...['resources/fork-bomb', 'resources/endless-output', 'privilege/capabilities'],
].join(',');

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  const jail = (name: string) => `  ${name}:\n    users: 2\n    tools: [ls]\n`;
  await provision(host, `jails:\n${jails.map(jail).join('')}`);
});
afterAll(() => host?.[Symbol.asyncDispose]());

/** What each probe came to. */
async function verdicts(jail: string, engine: string) {
  const options = ['--jail', jail, '--engine', engine, '--only', probes, '--json'];
  const ended = await host.jailctl(['verify', ...options], { timeoutMs: 120_000 });
  return verdictsOf(ended).map(({ id, verdict, evidence, went_wrong }) =>
    // Evidence has numbers of processes in it; where something went wrong, it tells what.
    went_wrong ? `${id} went wrong: ${evidence}` : `${id} ${verdict}`,
  );
}

test.for(['runc', 'chroot'])(
  'verifications by %s that run side by side come to what one comes to alone',
  { timeout: 240_000 },
  async (engine) => {
    const alone = await verdicts('one', engine);
    expect(alone).toHaveLength(13);
    expect(alone.filter((line) => /wrong|failed|not_proven/.test(line))).toEqual([]);
    const together = await Promise.all(jails.map((jail) => verdicts(jail, engine)));
    expect(together).toEqual(jails.map(() => alone));
    expect(await leftovers(host, 70_000)).toBe('');
    expect(await host.ok(['sh', '-c', 'ls -d /run/jailctl* /srv/*/.jailctl-probe-* || true'])).toBe(
      '/run/jailctl-throwaway\n',
    );
  },
);
