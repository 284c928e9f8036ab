import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath, stateOf } from '../scenarios/cli.ts';
import { blocks } from './console.ts';
import { readWorkflow, runJob } from './workflow.ts';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
const [text = '', ...others] = blocks(readme, 'yml').filter((block) => /^jobs:/m.test(block));
const workflow = readWorkflow(text);
const { plan, apply } = workflow.jobs as { plan: never; apply: never };

const allowedActions = ['actions/checkout@v4'];

const manifest = (more = '') => ({
  'jails.yaml': `version: 1\nuids: 84500-84599\njails:\n  web: { users: 1, tools: [ls]${more} }\n`,
});

/** A host with jailctl, as a runner finds it. */
async function runnerHost(): Promise<TestHost> {
  const host = await testHost();
  const program = `#!/bin/sh\nexec ${process.execPath} ${jailctlPath} "$@"\n`;
  await host.write('/usr/local/bin/jailctl', program, 0o755);
  return host;
}

const codes = (results: readonly { readonly exitCode?: number }[]) =>
  results.map(({ exitCode }) => exitCode);

describe('the workflow that README shows', () => {
  test('uses known actions, few rights, and nothing of an event in a script', () => {
    expect(others).toEqual([]);
    expect(Object.keys(workflow.on).sort()).toEqual(['pull_request', 'push']);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
    expect(steps.length).toBeGreaterThan(3);
    for (const { uses, run } of steps) {
      if (uses !== undefined) expect(allowedActions).toContain(uses);
      // A branch's name in an expression would be shell text of a stranger's.
      expect(run ?? '').not.toContain('${{');
      expect([uses, run].filter((one) => one !== undefined)).toHaveLength(1);
    }
    expect(workflow.jobs['plan']?.if).toContain('head.repo.full_name == github.repository');
  });

  test('plans a pull request, applies what is merged, and then has nothing to do', async () => {
    await using host = await runnerHost();
    const before = await stateOf(host);
    const planned = await runJob(host, plan, manifest());
    expect(planned, planned.results.map(({ stderr }) => stderr).join()).toMatchObject({
      failed: false,
    });
    expect(planned.summary).toMatch(/^## Plan: \d+ to create, 0 to update, 0 to delete/);
    const { accounts, rules } = await stateOf(host);
    expect({ accounts, rules }).toEqual({ accounts: before.accounts, rules: before.rules });

    for (const summary of [/^## Plan: \d+ to create/, /Nothing to do/]) {
      const applied = await runJob(host, apply, manifest());
      expect(codes(applied.results), JSON.stringify(applied.results)).toEqual([0, 0]);
      expect(applied.summary).toMatch(summary);
    }
    expect(await host.ok(['chroot', '/web', 'ls', '/home'])).toBe('web1\n');
  });

  test('fails a pull request that loosens a jail or deletes data, and shows the plan', async () => {
    await using host = await runnerHost();
    await runJob(host, apply, manifest());
    await host.write('/web/home/web1/file', 'mine\n');
    for (const files of [
      manifest(', network: host'),
      { 'jails.yaml': 'version: 1\nuids: 84500-84599\njails: {}\n' },
    ]) {
      const denied = await runJob(host, plan, files);
      expect(codes(denied.results)).toEqual([4]);
      expect(denied.results[0]?.stderr).toContain('the policy denies');
      expect(denied.summary).toMatch(/^## /);
    }
    const tightened = await runJob(host, plan, manifest(', limits: { processes: 8 }'));
    expect(codes(tightened.results)).toEqual([0]);
    expect(await host.read('/web/home/web1/file')).toBe('mine\n');
  });

  test('fails for a manifest with a mistake, and when the host has moved since the plan', async () => {
    await using host = await runnerHost();
    const bad = await runJob(host, plan, manifest(', tols: []'));
    expect(codes(bad.results)).toEqual([3]);
    expect(bad.results[0]?.stderr).toContain('jails.yaml:4:');
    const moved = await runJob(host, apply, manifest(), async (number) => {
      if (number === 1) await host.ok(['mkdir', '/web']);
    });
    expect(codes(moved.results)).toEqual([0, 8]);
    expect(await host.ok(['ls', '-A', '/web'])).toBe('');
  });
});
