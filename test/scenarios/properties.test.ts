import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, destroy, expectNothingToDo, jailUsers, shell, writeManifest } from './jails.ts';

/** Each run applies real jails: a few of them find what the other tests have not thought of. */
const runs = 8;

interface Jail {
  readonly name: string;
  readonly users: number;
  readonly tools: readonly string[];
  readonly network: string;
}

const network = fc.constantFrom(
  'none',
  'host',
  '{ policy: drop }',
  '{ allow: [{ to: 10.0.0.0/8, port: 443 }, { to: "fd00::/8", protocol: any }] }',
  '{ allow: [{ to: 192.0.2.1, port: "1-9", protocol: udp }], policy: drop }',
);

const jail = fc.record({
  name: fc.constantFrom('a', 'web', 'zoo', 'jail-x', 'b_2c'),
  users: fc.nat({ max: 4 }),
  tools: fc.uniqueArray(fc.constantFrom('sh', 'ls', 'cat', '/usr/bin/env', '?no-such-tool'), {
    minLength: 1,
    maxLength: 3,
  }),
  network,
});

const jails = fc.uniqueArray(jail, { maxLength: 3, selector: ({ name }) => name });

/** A manifest, another order of its jails and tools, and perhaps one that follows it. */
const story = fc.record({
  first: jails,
  second: fc.option(jails, { nil: undefined }),
});

function manifest(list: readonly Jail[]): string {
  const lines = list.map(
    ({ name, users, tools, network: mode }) =>
      `  ${name}: { users: ${users}, tools: [${tools.join(', ')}], network: ${mode} }\n`,
  );
  return `uids: 77000-77099\njails:${lines.length === 0 ? ' {}' : ''}\n${lines.join('')}`;
}

function reversed(list: readonly Jail[]): readonly Jail[] {
  return list.toReversed().map((one) => ({ ...one, tools: one.tools.toReversed() }));
}

/** Lines and rules of others, as they may be found on a host that is not young. */
const foreign = `
  useradd --create-home someone; useradd --system web
  printf '# comment: web1:x:0:0\\n\\n  web9:odd\\n-@never::::::\\n+::::::' >>/etc/passwd
  printf '#web1:!:\\n+:::' >>/etc/group
  printf '\\n\\n' >>/etc/shadow
  printf 'webmasters:!:someone:someone' >>/etc/gshadow
  for tables in iptables ip6tables; do
    $tables --new-chain JAILCTL2; $tables --append JAILCTL2 --jump RETURN
    $tables --append OUTPUT --match comment --comment 'a "quoted" -j JAILCTL' --jump ACCEPT
    $tables --append OUTPUT --match owner --uid-owner 77000-77001 --jump JAILCTL2
    $tables --append INPUT --match comment --comment "it's -A JAILCTL" --jump RETURN
  done
  mkdir -p /.other /var/lib/other; echo kept >/var/lib/other/file
`;

const accountFiles = ['passwd', 'group', 'shadow', 'gshadow'] as const;

/** Lines that are not of the users named. */
function othersLines(text: string, users: readonly string[]): readonly string[] {
  return text.split('\n').filter((line) => !users.includes(line.replace(/:.*/, '')));
}

describe('whatever the manifest', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    await shell(host, foreign);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const state = async () => ({ snapshot: await host.snapshot(), changed: host.changedPaths() });

  /** While there are jails, every line and rule of others stands as it did, in its order. */
  async function expectOthersUnchanged(before: Awaited<ReturnType<typeof state>>) {
    const { snapshot } = await state();
    const users = Object.keys(await jailUsers(host));
    for (const name of accountFiles) {
      const [now, then] = [snapshot, before.snapshot].map((one) => one.accounts[`/etc/${name}`]);
      expect(othersLines(now ?? '', users)).toEqual((then ?? '').split('\n'));
    }
    for (const family of ['ipv4', 'ipv6'] as const) {
      const kept = snapshot.rules[family]
        .split('\n')
        .filter((rule) => !/^(?::|-A )JAILCTL |^-A OUTPUT .* -j JAILCTL$/.test(rule));
      expect(kept).toEqual(before.snapshot.rules[family].split('\n'));
    }
  }

  test('a plan after apply is empty, order means nothing, and destroy restores all', async () => {
    const check = fc.asyncProperty(story, async ({ first, second }) => {
      const before = await state();
      await writeManifest(host, manifest(first));
      await apply(host);
      await expectNothingToDo(host);
      await writeManifest(host, manifest(reversed(first)));
      await expectNothingToDo(host);
      await expectOthersUnchanged(before);
      if (second !== undefined) {
        await writeManifest(host, manifest(second));
        await apply(host);
        await expectNothingToDo(host);
        await expectOthersUnchanged(before);
      }
      const expected = (second ?? first).reduce((sum, { users }) => sum + users, 0);
      expect(Object.keys(await jailUsers(host))).toHaveLength(expected);
      await destroy(host);
      expect(await state()).toEqual(before);
    });
    // A failed run leaves its jails on the host, so that smaller manifests would prove nothing.
    await fc.assert(check, { numRuns: runs, endOnFailure: true });
  }, 120_000);
});
