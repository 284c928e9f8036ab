import { expect } from 'vitest';
import type { CommandOptions } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from './cli.ts';

/** As much of the result document as tests look at. */
export interface RunDocument {
  readonly status: string;
  readonly message: string;
  readonly exit_code?: number;
  readonly signal?: string;
  readonly user: string;
  readonly wall_time_ms: number;
  readonly cpu_time_ms: number;
  readonly memory_peak_bytes: number;
  readonly processes_peak?: number;
  readonly output_bytes: number;
  readonly output_cut: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly layers: Readonly<Record<string, { readonly state: string; readonly by?: string }>>;
  readonly limits: Readonly<Record<string, { readonly state: string; readonly by?: string }>>;
}

export interface ExecRequest extends CommandOptions {
  /** `JAIL` or `JAIL/USER`. */
  readonly jail: string;
  readonly options?: readonly string[];
  readonly argv: readonly string[];
}

export interface ExecAnswer {
  readonly exitCode: number | undefined;
  /** What the program wrote: stdout, and then stderr. */
  readonly output: string;
  readonly result: RunDocument;
}

/**
 * Applies a manifest of version 1: `text` is what follows. The jails are below /srv.
 * @throws Error with what jailctl said, when it does not work
 */
export async function provision(host: TestHost, text: string): Promise<void> {
  await host.write('/srv/jails.yaml', `version: 1\nroot: /srv\n${text}`);
  const { exitCode, stdout, stderr } = await host.jailctl([
    ...['apply', '--yes', '--file', '/srv/jails.yaml'],
  ]);
  if (exitCode !== 0) throw new Error(`apply exited with ${exitCode}\n${stdout}${stderr}`);
}

/**
 * A throwaway host with cgroups, on which `exec` takes this engine, and the manifest is applied.
 * @param text as for `provision`
 */
export async function engineHost(engine: string, text: string): Promise<TestHost> {
  const host = await testHost({ cgroups: true });
  if (engine === 'crun') await preferCrun(host);
  await provision(host, text);
  return host;
}

/** Runs a program by `jailctl exec --json`. @throws Error when there is no result */
export async function exec(host: TestHost, request: ExecRequest): Promise<ExecAnswer> {
  const { jail, options = [], argv, ...more } = request;
  const ended = await host.jailctl(
    ['exec', '--json', '--wait', ...options, jail, '--', ...argv],
    more,
  );
  const { exitCode, stdout, stderr } = ended;
  if (!stdout.startsWith('{')) throw new Error(`no result, but ${exitCode}: ${stdout}${stderr}`);
  const result: RunDocument = JSON.parse(stdout);
  return { exitCode, output: `${result.stdout}${result.stderr}`, result };
}

/** The options that set limits: `limit('memory=32MiB', 'cpus=1')`. */
export function limit(...limits: readonly string[]): readonly string[] {
  return limits.flatMap((one) => ['--limit', one]);
}

/**
 * Has `exec` take crun where it would take runc: crun 1.8 refuses hosts on which controllers of
 * version 1 and an empty version 2 are mounted together.
 */
export async function preferCrun(host: TestHost): Promise<void> {
  const script =
    'cd /sys/fs/cgroup && if mountpoint -q unified; then umount unified; rmdir unified; fi';
  await host.ok(['sh', '-c', script]);
}

/** What no run may leave on a host: the processes of its users, groups, bundles, mounts. */
export async function leftovers(host: TestHost, firstUid: number): Promise<string> {
  const script = `
    ps -e -o uid=,pid=,args= | awk '$1 >= ${firstUid} && $1 < ${firstUid + 1000}'
    pgrep -a 'jailctl-init|crun|runc'
    find /sys/fs/cgroup -mindepth 2 -path '*/jailctl/*'
    find /run/jailctl -mindepth 2 ! -path '*/leases/*'
    ipcs -a | awk '$3 ~ /^[0-9]+$/'
    ls -A /dev/mqueue 2>/dev/null; true`;
  return host.ok(['sh', '-c', script]);
}

/** A program in a jail that runs until the end of the block. */
export function inBackground(host: TestHost, { jail, options = [], argv }: ExecRequest) {
  return host.spawn([
    process.execPath,
    jailctlPath,
    'exec',
    '--wait',
    ...options,
    jail,
    '--',
    ...argv,
  ]);
}

/** @param within 0.1: a tenth of `expected`, above and below */
export function expectNear(measured: number | undefined, expected: number, within = 0.1): void {
  expect(measured).toBeGreaterThanOrEqual(expected * (1 - within));
  expect(measured).toBeLessThanOrEqual(expected * (1 + within));
}
