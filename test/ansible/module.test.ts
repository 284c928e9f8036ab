import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestHost } from '../rig/host.ts';
import { stateOf } from '../scenarios/cli.ts';
import { type Fleet, hostNames, makeFleet } from './fleet.ts';
import {
  changedTasks,
  everywhere,
  field,
  installJailctl,
  type ModuleRun,
  runModule,
} from './module-runs.ts';
import { bridgeName } from './network.ts';

const manifest = '/etc/jailctl/jails.yaml';
const secret = 'correct-horse';

/** Two jails; `more` are fields of the first. */
const text = (more = '') => `version: 1
uids: 84200-84299
jails:
  web: { users: 2, tools: [ls], env: { TOKEN: ${secret} }${more} }
  other: { users: 1, tools: [] }
`;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await makeFleet();
  await installJailctl(fleet);
  for (const name of hostNames) await fleet.hosts[name].write(manifest, text(), 0o600);
}, 180_000);
afterAll(() => fleet[Symbol.asyncDispose]());

const play = (parameters: object, ...flags: string[]): Promise<ModuleRun> =>
  runModule(fleet, { ...parameters }, { flags });

/** What Ansible itself leaves: its directory for temporary files, and that it was made. */
const isOfAnsible = (path: string) => /^\/(root|root\/\.ansible(\/.*)?|tmp)$/.test(path);

async function hostStates() {
  const state = async (host: TestHost) => {
    const { changed, ...rest } = await stateOf(host);
    return { ...rest, changed: changed.filter(({ path }) => !isOfAnsible(path)) };
  };
  const { one, two, three } = fleet.hosts;
  return { one: await state(one), two: await state(two), three: await state(three) };
}

describe('the module, on three hosts', { timeout: 240_000 }, () => {
  test('this host has no interface of the network between them', async () => {
    const bridge = await fleet.controller.ok(['ip', 'link', 'show', bridgeName]);
    expect(bridge).toContain('state UP');
    expect(readdirSync('/sys/class/net')).not.toContain(bridgeName);
  });

  test('in check mode tells what would change, and changes nothing', async () => {
    const before = await hostStates();
    const checked = await play({ manifest }, '--check', '--diff');
    expect(field(checked, 'failed'), checked.stdout).toEqual(everywhere(false));
    expect(changedTasks(checked)).toEqual(everywhere(1));
    expect(checked.results['two']?.changes.map(({ address }) => address)).toContain('jail/web');
    expect(await hostStates()).toEqual(before);
    // Not in what Ansible shows, and not in what it hands on.
    expect(checked.stdout).toContain('"TOKEN": "(not shown)"');
    expect(checked.stdout + JSON.stringify(checked.results)).not.toContain(secret);
  });

  test('changes all of them at first, and then none', async () => {
    const first = await play({ manifest });
    expect(field(first, 'failed'), first.stdout).toEqual(everywhere(false));
    expect(changedTasks(first)).toEqual(everywhere(1));
    for (const name of hostNames) {
      const host = fleet.hosts[name];
      expect(await host.ok(['chroot', '--userspec=web2', '/web', 'ls', '/home'])).toContain('web2');
      expect((await host.jailctl(['plan', '-f', manifest, '--detailed-exitcode'])).exitCode).toBe(
        0,
      );
    }
    expect(first.results['one']?.summary['create']).toBe(first.results['one']?.changes.length);

    const before = await hostStates();
    for (const flags of [[], ['--check']]) {
      const again = await play({ manifest }, ...flags);
      expect(field(again, 'failed'), again.stdout).toEqual(everywhere(false));
      expect(field(again, 'changed')).toEqual(everywhere(false));
      expect(field(again, 'changes')).toEqual(everywhere([]));
      expect(changedTasks(again)).toEqual(everywhere(0));
    }
    expect(await hostStates()).toEqual(before);
  });

  test('changes only the host that differs, and diff mode shows how', async () => {
    const { two } = fleet.hosts;
    await two.ok(['chmod', '0700', '/web/usr/bin/ls']);
    await two.ok(['iptables', '-D', 'JAILCTL', '1']);
    const { stdout, results, ...mended } = await play({ manifest }, '--diff');
    expect(changedTasks(mended), stdout).toEqual({ one: 0, two: 1, three: 0 });
    expect(results['two']?.changes).toEqual([
      expect.objectContaining({ address: 'firewall/ipv4', action: 'update' }),
      {
        address: 'tree/web/usr/bin/ls',
        jail: 'web',
        action: 'update',
        reasons: ['mode 0700, wanted 0755'],
      },
    ]);
    expect(stdout).toMatch(/^-\/usr\/bin\/ls file 0700 0:0 \d+ bytes$/m);
    expect(stdout).toMatch(
      /^\+\/usr\/bin\/ls file 0755 0:0 \d+ bytes \(mode 0700, wanted 0755\)$/m,
    );
    expect(stdout).toMatch(/^\+ +"-A JAILCTL -p tcp .*--reject-with tcp-reset"/m);
    expect(results['one']?.diff).toEqual([]);
    const listed = await two.ok(['stat', '--format=%a', '/web/usr/bin/ls']);
    expect(listed).toBe('755\n');
  });

  test('tells that a variable has another value, and neither the old one nor the new', async () => {
    const content = text().replace(secret, 'battery-staple');
    const checked = await play({ content }, '--check', '--diff', '-vvv');
    expect(changedTasks(checked), checked.stdout).toEqual(everywhere(1));
    expect(checked.stdout).toMatch(/^-.*"TOKEN": "\(not shown\)"/m);
    expect(checked.stdout).toMatch(/^\+.*"TOKEN": "\(not shown, and another value\)"/m);
    const said = checked.stdout + JSON.stringify(checked.results);
    // The task's own text stands in the playbook, which Ansible does not print.
    expect(said).not.toContain('battery-staple');
    expect(said).not.toContain(secret);
  });

  test('narrows a change to the jails that are named', async () => {
    const content = text().replaceAll('tools: [', 'tools: [cat, ').replace('cat, ]', 'cat]');
    const run = await play({ content, jail: ['other'] });
    expect(field(run, 'failed'), run.stdout).toEqual(everywhere(false));
    expect(new Set(run.results['one']?.changes.map((one) => one.address.split('/')[1]))).toEqual(
      new Set(['other']),
    );
    const back = await play({ manifest });
    expect(field(back, 'changed')).toEqual(everywhere(true));
  });
});
