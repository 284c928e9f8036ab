import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  plan,
  shell,
  writeManifest,
} from './jails.ts';

const jailctlPath = fileURLToPath(new URL('../../dist/jailctl.js', import.meta.url));

const jails = (users: number) => `
uids: 78000-78999
jails:
  web: { users: ${users}, tools: [sh, ls, /opt/many] }
  judge: { users: 3, tools: [sh], network: host }
`;

/** Enough files that copying them can be cut in the middle; and a rule of others. */
const preparation = `
  mkdir -p /opt/many; cd /opt/many
  for n in $(seq 400); do echo $n >$n; done
  iptables --append INPUT --jump RETURN; ip6tables --append INPUT --jump RETURN`;

const applying = ['apply', '--yes', '--json', '--file', manifestPath];
const destroying = ['destroy', '--yes', '--destroy-data', '--json'];

/** So long after the beginning of a stage. */
interface Moment {
  readonly stage: string;
  readonly afterMs: number;
}

const moments = (...pairs: readonly [string, number][]): readonly Moment[] =>
  pairs.map(([stage, afterMs]) => ({ stage, afterMs }));

describe('when it is killed', () => {
  let host: TestHost;
  let before: unknown;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, preparation);
    before = await state();
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const state = async () => ({ snapshot: await host.snapshot(), changed: host.changedPaths() });

  const kill = async (args: readonly string[], { stage, afterMs }: Moment) => {
    await using running = host.spawn([process.execPath, jailctlPath, ...args]);
    await running.printed(`"stage":"${stage}`);
    await delay(afterMs);
  };

  /** No jail user exists without its fence, at any moment. */
  const expectFenced = async () => {
    if (Object.keys(await jailUsers(host)).length === 0) return;
    const { rules } = await host.snapshot();
    for (const family of [rules.ipv4, rules.ipv6]) {
      expect(family).toMatch(/^-A OUTPUT -m owner --uid-owner 78000-78999 .*-j JAILCTL$/m);
      expect(family).toMatch(/^-A JAILCTL .*-j REJECT/m);
    }
  };

  test.for(
    moments(
      ['packet rules', 0],
      ['host limits', 0],
      ['jails', 0],
      ['jails', 3],
      ['accounts', 0],
      ['accounts', 10],
      ['tree of judge', 3],
      ['tree of web', 10],
      ['tree of web', 40],
    ),
  )('$afterMs ms into "$stage", the next apply makes it good', async (moment) => {
    await writeManifest(host, jails(20));
    await kill(applying, moment);
    await expectFenced();
    await apply(host);
    await expectNothingToDo(host);
    expect(Object.keys(await jailUsers(host))).toHaveLength(23);
    await destroy(host);
    expect(await state()).toEqual(before);
  });

  test.for(moments(['packet rules', 2], ['jails', 1], ['accounts', 5], ['tree of web', 20]))(
    '$afterMs ms into "$stage" of an apply, destroy leaves nothing',
    async (moment) => {
      await writeManifest(host, jails(20));
      await kill(applying, moment);
      await destroy(host);
      expect(await state()).toEqual(before);
    },
  );

  test.for(
    moments(
      ['accounts', 0],
      ['accounts', 15],
      ['jails', 0],
      ['jails', 8],
      ['host limits', 0],
      ['packet rules', 0],
    ),
  )('$afterMs ms into "$stage" of a destroy, the next one finishes it', async (moment) => {
    await writeManifest(host, jails(20));
    await apply(host);
    await kill(destroying, moment);
    await expectFenced();
    await destroy(host);
    expect(await state()).toEqual(before);
  });

  test('again and again, an apply comes to what the manifest says', async () => {
    await writeManifest(host, jails(20));
    await apply(host);
    await kill(destroying, { stage: 'jails', afterMs: 2 });
    expect(await plan(host)).toMatchObject({ changes: true });
    await kill(applying, { stage: 'accounts', afterMs: 5 });
    await writeManifest(host, jails(5));
    await kill(applying, { stage: 'tree of web', afterMs: 5 });
    await expectFenced();
    await apply(host);
    await expectNothingToDo(host);
    expect(Object.keys(await jailUsers(host))).toHaveLength(8);
    await destroy(host);
    expect(await state()).toEqual(before);
  });
});
