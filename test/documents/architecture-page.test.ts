import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../src/planner/plan.ts';

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('ARCHITECTURE.md', root), 'utf8');

function foldersOf(path: string): readonly string[] {
  return readdirSync(new URL(path, root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

describe('ARCHITECTURE.md', () => {
  test('lists every folder of src, and no other', () => {
    const listed = [...page.matchAll(/^\| `src\/([a-z]+)\/`/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual([...foldersOf('src')].sort());
  });

  test('names every kind and tells the order of stages as the planner makes it', () => {
    const kinds = ['firewall', 'limits', 'boot', 'jail', 'account', 'tree', 'login'] as const;
    const home = { entry: { type: 'doomed-home' } };
    const comparisons = kinds.map((kind) => ({
      kind,
      changes: (kind === 'login' ? ['sshd', 'keys/x'] : ['x']).flatMap((name) =>
        (['create', 'delete'] as const).map((action) => ({
          address: `${kind}/${name}` as const,
          ...(kind === 'tree' ? { jail: 'x' } : {}),
          reasons: [action],
          ...(action === 'create' ? { action, after: {} } : { action, before: home }),
        })),
      ),
      conflicts: [],
      warnings: [],
      stepsFor: () => [],
    }));
    const order = makePlan(comparisons).stages.map(({ kind, changes }) => {
      const actions = changes.map(({ action }) => action).join('+');
      return `${kind === 'login' ? changes[0]?.address : kind} ${actions}`;
    });
    expect(order).toEqual([
      'login/keys/x delete',
      'account delete',
      'firewall create',
      'limits create',
      'boot create',
      'tree delete',
      'jail create',
      'login/sshd create',
      'account create',
      'tree create',
      'login/keys/x create',
      'jail delete',
      'login/sshd delete',
      'boot delete',
      'limits delete',
      'firewall delete',
    ]);
    const table = page.slice(page.indexOf('## Order'), page.indexOf('## Atomicity'));
    const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, row]) => row).slice(1);
    expect(rows).toEqual([
      'keys of logins that go',
      'accounts that go',
      'firewall, grown',
      'limits, grown',
      'boot, grown',
      'homes that go, jail by jail',
      'jails, grown',
      'rules of logins, grown',
      'accounts, grown',
      'trees, jail by jail',
      'keys of logins, grown',
      'jails that go',
      'rules of logins that go',
      'boot, limits, firewall that go',
    ]);
    expect(page).toContain(kinds.map((kind) => `\`${kind}\``).join(', '));
  });
});
