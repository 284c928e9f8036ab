import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from '../../src/kinds/account/account.ts';
import { resourceDocument } from '../../src/report/resource-json.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { printed } from './run.ts';

const manifestPath = '/run/secrets.yaml';
const file = ['--file', manifestPath] as const;
const password = 'correct horse battery staple';

describe('the password of a jail user', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    const jail = '{ path: /srv/secret, users: 1, tools: [ls] }';
    await host.write(manifestPath, `version: 1\nuids: 82100-82199\njails:\n  secret: ${jail}\n`);
    const applied = await host.jailctl(['apply', '--yes', ...file]);
    expect(applied.exitCode, applied.stderr).toBe(0);
  });
  afterAll(() => host[Symbol.asyncDispose]());

  const shell = (text: string) => host.ok(['sh', '-e', '-c', text]);

  /** The hash and its parts, as they stand in a file of accounts. */
  async function hashIn(path: string): Promise<readonly string[]> {
    const entry = await shell(`grep ^secret1: ${path}`);
    const [, hash = ''] = entry.split(':');
    expect(hash).toMatch(/^\$/);
    return [password, hash, ...hash.split('$').filter((part) => part.length > 8)];
  }

  async function expectHidden(secrets: readonly string[]): Promise<void> {
    expect(secrets.length).toBeGreaterThan(2);
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    const text = JSON.stringify(plan);
    expect(text).toContain('account/secret1');
    expect(text).toContain('(not shown)');
    const { stdout } = await host.jailctl(['plan', '--detailed-exitcode', ...file]);
    for (const secret of secrets) {
      expect(text).not.toContain(secret);
      expect(stdout).not.toContain(secret);
    }
  }

  test('is not in a plan when it is in /etc/shadow', async () => {
    await host.ok(['chpasswd'], { input: `secret1:${password}\n` });
    await expectHidden(await hashIn('/etc/shadow'));
  });

  test('is not in a plan when it is locked, so that it could come back', async () => {
    const secrets = await hashIn('/etc/shadow');
    await host.ok(['usermod', '--lock', 'secret1']);
    await expectHidden(secrets);
    await host.ok(['usermod', '--unlock', 'secret1']);
  });

  test('is not in a plan when its entry is damaged', async () => {
    const secrets = await hashIn('/etc/shadow');
    await shell("sed -i 's/^secret1:/secret1:!::/' /etc/shadow");
    await expectHidden(secrets);
    await shell("sed -i 's/^secret1:!::/secret1:/' /etc/shadow");
  });

  test('is not in a plan when it is in /etc/passwd, which everybody can read', async () => {
    const secrets = await hashIn('/etc/shadow');
    const script = 'h=$(grep ^secret1: /etc/shadow | cut -d: -f2)\n';
    await shell(`${script}awk -v h="$h" -F: -v OFS=: '$1=="secret1"{$2=h}1' /etc/passwd >/run/p
      cat /run/p >/etc/passwd`);
    expect(await hashIn('/etc/passwd')).toEqual(secrets);
    await expectHidden(secrets);
  });

  test('is not in a plan when the private group has it', async () => {
    await host.ok(['chgpasswd'], { input: `secret1:${password}\n` });
    await expectHidden(await hashIn('/etc/gshadow'));
  });

  test('is gone after an apply, which prints it as little as the plan did', async () => {
    const secrets = await hashIn('/etc/shadow');
    const { exitCode, stdout } = await host.jailctl(['apply', '--yes', '--json', ...file]);
    expect(exitCode, stdout).toBe(0);
    for (const secret of secrets) expect(stdout).not.toContain(secret);
    expect(await shell('grep ^secret1: /etc/shadow')).toBe('secret1:!*::::::1:\n');
  });
});

describe('an account in a document', () => {
  const shown = (entry: string) => {
    const account: Account = {
      name: 'web1',
      jail: 'web',
      uid: 70_000,
      entries: { passwd: entry, group: entry, shadow: entry, gshadow: entry },
      memberships: [{ group: 'others', groupText: entry, gshadowText: entry }],
    };
    return JSON.stringify(resourceDocument('account', account));
  };

  test('shows entries that hold no password as they are', () => {
    for (const entry of ['web1:x:1:1::/:/bin/sh', 'web1:!*:::::::', 'web1::1:', 'web1:!\nweb1:*']) {
      expect(shown(entry).split(JSON.stringify(entry))).toHaveLength(5);
    }
  });

  test('shows no hash, wherever in an entry or in several of one name it stands', () => {
    const field = fc.stringMatching(/^[a-z0-9/!*]{0,6}$/);
    const hash = fc.stringMatching(/^\$[0-9y]\$SALT[A-Z./]{4,8}\$HASH[A-Z./]{8,20}$/);
    const prefix = fc.constantFrom('', '!', '!!', '*');
    fc.assert(
      fc.property(fc.array(field), hash, prefix, fc.array(field), (before, secret, mark, after) => {
        const entry = [...before, mark + secret, ...after].join(':');
        expect(shown(`web1:x:1\n${entry}`)).not.toMatch(/SALT|HASH/);
      }),
    );
  });

  test('shows no second field that could be a hash of the old form', () => {
    expect(shown('web1:!abJnggxhB/yWI:1:1')).not.toContain('abJ');
    expect(shown('web1:abJnggxhB/yWI')).not.toContain('abJ');
  });
});
