import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Results } from '../../bench/report/document.ts';
import type { Samples } from '../../bench/sample.ts';
import { type TestHost, testHost } from '../rig/host.ts';

const benchPath = fileURLToPath(new URL('../../bench', import.meta.url));

const bench = (...args: readonly string[]) =>
  spawnSync(process.execPath, [`${benchPath}/main.ts`, ...args], { encoding: 'utf8' });

describe('the benchmark', () => {
  test('measures, compares, and prints JSON', () => {
    const { status, stdout, stderr } = bench('--only', '^start$', '--rounds', '1', '--json');
    expect(stderr).toMatch(/^0\.0 min: start, 1 rounds$/m);
    const results = JSON.parse(stdout) as Results;
    expect(results).toMatchObject({ format_version: '1.0', failed: [] });
    expect(status).toBe(0);
    const [row, ...others] = results.rows;
    expect(others).toEqual([]);
    expect(row).toMatchObject({ section: 'start', times_floor: { at_most: 1.4 } });
    // What any Node takes, and less than the Node that runs this test.
    expect(row?.peak_mib?.value).toBeGreaterThan(20);
    expect(row?.peak_mib?.value).toBeLessThan(200);
    expect(row?.ours.value).toBeGreaterThan(row?.floor ?? Number.POSITIVE_INFINITY);
  });

  test('refuses what it does not know', () => {
    const { status, stdout, stderr } = bench('--only', 'nothing');
    expect([status, stdout]).toEqual([3, '']);
    expect(stderr).toContain('there are: start, exec, 1x10');
    expect(stderr).toContain('usage: npm run bench');
  });
});

/** Runs lines of a module in a host, with what they import from bench/. @returns what they print */
function evaluate(host: TestHost, script: string): Promise<string> {
  return host.ok([process.execPath, '--input-type=module', '--eval', script, benchPath]);
}

/** What must be as before, when jails have come and gone. */
async function state(host: TestHost) {
  // The first use makes the chains of the kernel, without a rule.
  for (const iptables of ['iptables', 'ip6tables'])
    await host.ok([iptables, '-P', 'OUTPUT', 'ACCEPT']);
  const { accounts, rules } = await host.snapshot();
  return { accounts, rules, jails: await host.ok(['ls', '/', '/home']) };
}

// Python jails, many times: on a loaded machine that takes a while.
describe('making jails', { timeout: 180_000 }, () => {
  test('by jailctl and by the floor takes time and memory, and leaves nothing', async () => {
    await using host = await testHost();
    const before = await state(host);
    const script = `
      const { measureProvision } = await import(process.argv[1] + '/provision/case.ts');
      const size = { jails: 2, users: 2 };
      console.log(JSON.stringify(await measureProvision(size, { rounds: 1, slowRounds: 0 })));
    `;
    const samples = JSON.parse(await evaluate(host, script)) as Samples;
    const operations = ['create', 'grow', 'upgrade', 'destroy'];
    expect(Object.keys(samples).sort()).toEqual(
      [
        ...operations.flatMap((name) => [`${name}, jailctl`, `${name}, floor`]),
        ...['plan', 'apply', 'node', 'find', 'reads'].map((name) => `${name}, jailctl`),
      ].sort(),
    );
    expect(samples['plan, jailctl']).toHaveLength(3);
    for (const { value, peakKib = 0, cpuMs = 0 } of Object.values(samples).flat()) {
      expect(Math.min(value, peakKib)).toBeGreaterThan(0);
      expect(cpuMs).toBeGreaterThanOrEqual(0);
    }
    expect(await state(host)).toEqual(before);
  });

  test('the old way makes a jail that works, and leaves nothing', async () => {
    await using host = await testHost();
    const before = await state(host);
    const oldWay = (...args: readonly string[]) =>
      host.ok(['sh', `${benchPath}/old-way.sh`, ...args]);
    await oldWay('create', '2', '/usr/bin/id');
    await oldWay('grow', '3');
    const inJail = ['chroot', '--userspec=old3', '/old', '/usr/bin/id', '--user'] as const;
    const uid = (await host.ok(['id', '--user', 'old3'])).trim();
    expect((await host.ok(inJail)).trim()).toBe(uid);
    const rules = await host.ok(['iptables-save']);
    expect(rules).toContain(`--uid-owner ${uid} -j REJECT`);
    await oldWay('destroy', '3');
    expect(await state(host)).toEqual(before);
  });
});

test('disk is measured on an image, of which nothing is left', async () => {
  await using host = await testHost();
  const script = `
    const { measureDisk } = await import(process.argv[1] + '/disk-case.ts');
    console.log(JSON.stringify(await measureDisk('ext4', 2)));
  `;
  const samples = JSON.parse(await evaluate(host, script)) as Samples;
  const { 1: one = [], 2: two = [], links = [] } = samples;
  // As much as a Python has.
  expect(one[0]?.value).toBeGreaterThan(20);
  expect(one[0]?.value).toBeLessThan(200);
  expect(two[0]?.value).toBeGreaterThan(one[0]?.value ?? Number.POSITIVE_INFINITY);
  // The jails have some files of their own besides.
  expect(links[0]?.value).toBeGreaterThan(one[0]?.value ?? Number.POSITIVE_INFINITY);
  expect(links[0]?.value).toBeLessThan(two[0]?.value ?? 0);
  expect(await host.ok(['findmnt', '--list', '--noheadings'])).not.toContain('/dev/loop');
  const devices = await host.ok(['sh', '-c', 'cat /sys/block/loop*/loop/backing_file || true']);
  expect(devices).not.toContain('jailctl-bench');
});

test('packets are measured where they pass, and not where a rule refuses them', async () => {
  await using host = await testHost();
  const script = `
    const { compiled } = await import(process.argv[1] + '/native.ts');
    console.log(compiled('packets'));
  `;
  const path = (await evaluate(host, script)).trim();
  const refuse = ['-A', 'OUTPUT', '-m', 'owner', '--uid-owner', '54321', '-j', 'REJECT'] as const;
  for (const [family, iptables] of [
    ['4', 'iptables'],
    ['6', 'ip6tables'],
  ] as const) {
    const send = (user: number) => host.run([path, family, '10'], { user });
    expect(Number((await send(54_321)).stdout)).toBeGreaterThan(100);
    await host.ok([iptables, ...refuse]);
    expect(await send(54_321)).toMatchObject({ exitCode: 1, stdout: '' });
    expect(Number((await send(54_322)).stdout)).toBeGreaterThan(100);
  }
});

test('the meter tells the peak of the program, not that of who starts it', async () => {
  await using host = await testHost();
  const script = `
    const { meterProgram } = await import(process.argv[1] + '/program.ts');
    const ballast = Buffer.alloc(300 * 1024 * 1024, 1);
    const small = await meterProgram(['true']);
    const python = 'x = bytearray(100 * 1024 * 1024)';
    const large = await meterProgram(['python3', '-c', python]);
    console.log(JSON.stringify({ small, large, ballast: ballast.length }));
  `;
  const { small, large } = JSON.parse(await evaluate(host, script));
  expect(small.peakKib).toBeLessThan(20 * 1024);
  expect(large.peakKib).toBeGreaterThan(100 * 1024);
  expect(large.peakKib).toBeLessThan(200 * 1024);
});
