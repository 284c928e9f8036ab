import { describe, expect, test } from 'vitest';
import { exitCode } from '../../src/model/exit-code.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import {
  apply,
  destroy,
  expectNothingToDo,
  jailUsers,
  manifestPath,
  shell,
  writeManifest,
} from './jails.ts';
import { atTheAccounts } from './lock-holder.ts';
import { countRaces, Storm } from './storm.ts';

const applying = ['apply', '--yes', '--file', manifestPath] as const;
const destroying = ['destroy', '--yes', '--destroy-data'] as const;

const jails = (users: number, policy = 'reject') => `
uids: 76000-76999
jails:
  web: { users: ${users}, tools: [sh, ls], network: { policy: ${policy} } }
`;

/** The rule that is not there any more, by name. */
const whatMoved = /restore.* failed.*\(-[DX] .*JAILCTL\)\n {2}hint: have the packet rules changed/;

/** So many rules of each are there at a time: like containers that come and go. */
const rulesMax = 25;

/** Adds rules at the end of OUTPUT, each with a chain of its own, and removes the oldest. */
const appending = (tool: string) => `
  say "+ a$n" ${tool} -w -N OTHERS-$n
  ${tool} -w -A OTHERS-$n -p tcp --dport $((n % 60000 + 1)) -j RETURN
  say "A a$n" ${tool} -w -A OUTPUT -m comment --comment "a $n" -j OTHERS-$n
  old=$((n - ${rulesMax}))
  if [ $old -gt 0 ]; then
    say "D a$old" ${tool} -w -D OUTPUT -m comment --comment "a $old" -j OTHERS-$old
    ${tool} -w -F OTHERS-$old; say "- a$old" ${tool} -w -X OTHERS-$old
  fi`;

/** Inserts rules at the top of OUTPUT, as Docker does, and removes the oldest. */
const inserting = (tool: string) => `
  say "I i$n" ${tool} -w -I OUTPUT -m comment --comment "i $n" -j RETURN
  old=$((n - ${rulesMax}))
  if [ $old -gt 0 ]; then
    say "D i$old" ${tool} -w -D OUTPUT -m comment --comment "i $old" -j RETURN
  fi`;

/** What a list of rules must be after these changes. */
function replay(done: readonly string[]): readonly string[] {
  const rules: string[] = [];
  for (const [how, rule = ''] of done.map((line) => line.split(' '))) {
    if (how === 'A' || how === '+') rules.push(how === '+' ? `OTHERS-${rule.slice(1)}` : rule);
    else if (how === 'I') rules.unshift(rule);
    else rules.splice(rules.indexOf(how === '-' ? `OTHERS-${rule.slice(1)}` : rule), 1);
  }
  return rules;
}

/** The rules of others in OUTPUT, in their order, and their chains. */
async function rulesOfOthers(host: TestHost, tool: string): Promise<readonly string[]> {
  const text = await shell(host, `${tool}-save`);
  return [
    ...[...text.matchAll(/^:(OTHERS-\d+)/gm)].map((match) => match[1] ?? ''),
    ...[...text.matchAll(/^-A OUTPUT .*--comment "([ai]) (\d+)"/gm)].map(
      (it) => `${it[1]}${it[2]}`,
    ),
  ];
}

/** Both families have the whole fence. */
async function expectFenced(host: TestHost): Promise<void> {
  for (const tool of ['iptables', 'ip6tables']) {
    const text = await shell(host, `${tool}-save`);
    expect(text).toMatch(/^-A OUTPUT -m owner --uid-owner 76000-76999 .*-j JAILCTL$/m);
    expect(text).toMatch(/^-A JAILCTL .*-j (?:REJECT|DROP)/m);
  }
}

describe('while others add rules and chains in both families', { timeout: 240_000 }, () => {
  test.for([
    ['behind the jump to the fence', appending, [exitCode.done]],
    ['before it', inserting, [exitCode.done, exitCode.failed]],
  ] as const)('%s, none is lost or moved, and the fence is whole', async ([, others, codes]) => {
    await using host = await testHost();
    const tools = ['iptables', 'ip6tables'];
    const storm = await Storm.begin(host, tools.map(others));
    for (const users of [2, 5, 3]) {
      await writeManifest(host, jails(users));
      for (const args of [applying, destroying, applying]) {
        const { exitCode: code, stderr } = await host.jailctl(args);
        countRaces(1);
        expect(codes).toContain(code);
        if (code === exitCode.failed) {
          expect(stderr).toMatch(
            /still differs.*firewall\/ipv[46] \(a rule stands before the jump/,
          );
        }
      }
      await expectFenced(host);
    }
    const { done } = await storm.end();
    for (const [number, tool] of tools.entries()) {
      const found = await rulesOfOthers(host, tool);
      const wanted = replay(done[number] ?? []);
      const chains = (list: readonly string[]) => list.filter((it) => it.startsWith('O')).sort();
      const rules = (list: readonly string[]) => list.filter((it) => !it.startsWith('O'));
      const lost = wanted.filter((one) => !found.includes(one));
      countRaces(0, done[number]?.length, lost.length);
      expect(wanted.length).toBeGreaterThan(10);
      expect(rules(found)).toEqual(rules(wanted));
      expect(chains(found)).toEqual(chains(wanted));
    }
    await apply(host);
    await expectNothingToDo(host);
    await destroy(host);
    expect(await shell(host, 'iptables-save; ip6tables-save')).not.toContain('JAILCTL');
  });
});

const flushes = [
  ['iptables -F', 'ipv4', 'iptables -F'],
  ['ip6tables -F', 'ipv6', 'ip6tables -F'],
  ['ip6tables -X JAILCTL', 'ipv6', 'ip6tables -F; ip6tables -X JAILCTL'],
  ['iptables -D of the jump', 'ipv4', 'iptables -D OUTPUT 1'],
] as const;

describe('when somebody flushes the rules', { timeout: 120_000 }, () => {
  test.for(flushes)('by %s before there are users, an apply says so', async ([, family, harm]) => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    const ended = await atTheAccounts(host, applying, () => shell(host, harm));
    expect(ended.exitCode).toBe(exitCode.failed);
    expect(ended.stderr).toMatch(
      new RegExp(`jailctl: the host still differs after the run: firewall/${family} \\(`),
    );
    await apply(host);
    await expectFenced(host);
    await expectNothingToDo(host);
    countRaces(1);
  });

  test.for(flushes)('by %s before the fence changes, an apply says so', async ([, , harm]) => {
    await using host = await testHost();
    await writeManifest(host, jails(2));
    await apply(host);
    await writeManifest(host, jails(1, 'drop'));
    const ended = await atTheAccounts(host, applying, () => shell(host, harm));
    expect(ended.exitCode).toBe(exitCode.failed);
    expect(ended.stderr).toMatch(whatMoved);
    await apply(host);
    await expectFenced(host);
    await expectNothingToDo(host);
    countRaces(1);
  });

  test.for(flushes)('by %s, destroy leaves nothing in the end', async ([, , harm]) => {
    await using host = await testHost();
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT');
    const before = await host.snapshot();
    await writeManifest(host, jails(2));
    await apply(host);
    const ended = await atTheAccounts(host, destroying, () => shell(host, harm));
    if (ended.exitCode !== exitCode.done) {
      expect(ended.stderr).toMatch(whatMoved);
    }
    expect(await jailUsers(host)).toEqual({});
    await destroy(host);
    expect(await host.snapshot()).toEqual(before);
    countRaces(1);
  });
});

test('a tool that is replaced on the host meanwhile is not copied unseen', async () => {
  await using host = await testHost();
  await shell(host, 'cp /usr/bin/ls /opt/tool; cp /usr/bin/cat /opt/other');
  await writeManifest(host, 'jails:\n  web: { users: 1, tools: [/opt/tool] }\n');
  const replace = () => shell(host, 'mv /opt/other /opt/tool');
  const ended = await atTheAccounts(host, applying, replace);
  expect(ended).toMatchObject({
    exitCode: exitCode.failed,
    stderr: expect.stringContaining('/opt/tool changed since the plan was made'),
  });
  expect(await shell(host, 'ls -A /web/opt /web/.jailctl/scratch || true')).not.toMatch(/tool|new/);
  await apply(host);
  await expectNothingToDo(host);
  expect(await shell(host, 'cmp /usr/bin/cat /web/opt/tool')).toBe('');
});
