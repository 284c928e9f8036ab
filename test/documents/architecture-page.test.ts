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
    const kinds = ['firewall', 'limits', 'boot', 'jail', 'account', 'tree'] as const;
    const home = { entry: { type: 'doomed-home' } };
    const comparisons = kinds.map((kind) => ({
      kind,
      changes: (['create', 'delete'] as const).map((action) => ({
        address: `${kind}/x` as const,
        ...(kind === 'tree' ? { jail: 'x' } : {}),
        reasons: [action],
        ...(action === 'create' ? { action, after: {} } : { action, before: home }),
      })),
      conflicts: [],
      warnings: [],
      stepsFor: () => [],
    }));
    const order = makePlan(comparisons).stages.map(({ kind, changes }) => {
      const actions = changes.map(({ action }) => action).join('+');
      return `${kind} ${actions}`;
    });
    expect(order).toEqual([
      'account delete',
      'firewall create',
      'limits create',
      'boot create',
      'tree delete',
      'jail create',
      'account create',
      'tree create',
      'jail delete',
      'boot delete',
      'limits delete',
      'firewall delete',
    ]);
    const table = page.slice(page.indexOf('## Order'), page.indexOf('## Atomicity'));
    const rows = [...table.matchAll(/^\| ([^|]+) \|/gm)].map(([, row]) => row).slice(1);
    expect(rows).toEqual([
      'accounts that go',
      'firewall, grown',
      'limits, grown',
      'boot, grown',
      'homes that go, jail by jail',
      'jails, grown',
      'accounts, grown',
      'trees, jail by jail',
      'jails that go',
      'boot, limits, firewall that go',
    ]);
    expect(page).toContain(kinds.map((kind) => `\`${kind}\``).join(', '));
  });
});
