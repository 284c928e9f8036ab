import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseCgroupLayout } from '../../src/host/cgroup-layout.ts';
import { testHost } from '../rig/host.ts';
import { throwawayModule } from '../rig/nested.ts';

function childrenOf(parent: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const [, ppid] = readFileSync(`/proc/${name}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      return Number(ppid) === parent ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** The groups of the real host that the throwaway hosts of this process are in. */
function groupsOf(owners: readonly number[]): string[] {
  const names = new Set(owners.map((owner) => `jailctl-throwaway-${owner}`));
  const found: string[] = [];
  const walk = (directory: string) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const path = `${directory}/${entry.name}`;
      if (names.has(entry.name)) found.push(path);
      else walk(path);
    }
  };
  walk('/sys/fs/cgroup');
  return found;
}

const script = `
  import { createThrowawayHost } from ${JSON.stringify(throwawayModule)};
  const host = await createThrowawayHost({ cgroups: true });
  const busy = host.spawn(['sh', '-c', 'echo up; exec sleep 1000']);
  await busy.printed('up');
  console.log('ready');
  for await (const _ of process.stdin);
  await host[Symbol.asyncDispose]();
`;

/** Another process that owns a throwaway host with cgroups, with something running in it. */
async function otherOwner() {
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script]);
  await new Promise((resolve) => owner.stdout.once('data', resolve));
  const holders = childrenOf(owner.pid as number);
  return { owner, groups: () => groupsOf(holders) };
}

describe('a throwaway host with cgroups', () => {
  test('has every hierarchy of its host, and sees a group of its own as their root', async () => {
    await using host = await testHost({ cgroups: true });
    const read = (path: string) => readFileSync(path, 'utf8');
    const real = parseCgroupLayout(read('/proc/self/mountinfo'), read('/proc/self/cgroup'));
    const inside = parseCgroupLayout(
      await host.read('/proc/self/mountinfo'),
      await host.read('/proc/self/cgroup'),
    );
    const names = (layout: typeof real) =>
      layout.hierarchies.map((one) => [one.version, one.mountPoint, ...one.controllers].join(' '));
    expect(names(inside).sort()).toEqual(names(real).sort());
    expect(inside.mode).toBe(real.mode);
    for (const { version, mountPoint, ownGroup, readOnly } of inside.hierarchies) {
      expect(ownGroup).toBe(version === 2 ? `${mountPoint}/init` : mountPoint);
      expect(readOnly).toBe(false);
    }
  });

  test('holds what runs in it to the limits that are set there', async () => {
    await using host = await testHost({ cgroups: true });
    const limit = `
      set -e
      cd /sys/fs/cgroup
      [ ! -e cgroup.controllers ] || echo +pids >cgroup.subtree_control
      [ ! -d pids ] || cd pids
      mkdir limited
      echo 1 >limited/pids.max
      echo 0 >limited/cgroup.procs
      (true) && echo forked
    `;
    const { exitCode, stdout, stderr } = await host.run(['sh', '-c', limit]);
    expect([exitCode === 0, stdout, stderr]).toEqual([false, '', expect.stringMatching(/fork/)]);
  });

  test('does not see another one', async () => {
    await using first = await testHost({ cgroups: true });
    await using second = await testHost({ cgroups: true });
    await first.ok(['sh', '-c', 'cd /sys/fs/cgroup; [ ! -d pids ] || cd pids; mkdir only-here']);
    expect(await second.ok(['find', '/sys/fs/cgroup', '-name', 'only-here'])).toBe('');
  });

  test('leaves no group behind, with groups and processes in it', async () => {
    const { owner, groups } = await otherOwner();
    expect(groups()).not.toEqual([]);
    const end = new Promise((resolve) => owner.once('close', resolve));
    owner.stdin.end();
    await end;
    expect(groups()).toEqual([]);
  });

  test('leaves no group behind when its owner is killed', async () => {
    const { owner, groups } = await otherOwner();
    expect(groups()).not.toEqual([]);
    owner.kill('SIGKILL');
    await expect.poll(groups, { timeout: 10_000 }).toEqual([]);
  });
});
