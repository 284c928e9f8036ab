import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { CommandResult } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { jailctlPath } from '../scenarios/cli.ts';
import { manifestPath, shell, writeManifest } from '../scenarios/jails.ts';
import { faultsOf, type Look, look } from './inspect.ts';
import { archiveDirectory, type Operation, prepareHost, resetTools } from './operations.ts';
import {
  type Point,
  pointName,
  pointsOf,
  readingPointsOf,
  toolPoints,
  tracedCalls,
} from './points.ts';
import { withTracedTool } from './traced-tool.ts';

/** What becomes of a system call, and of who makes it. */
export type Fault =
  /** At a point of a tool, jailctl dies with the tool. */
  | { readonly signal: 'KILL' }
  /** The tool dies, and jailctl does not. */
  | { readonly signal: 'KILL'; readonly only: 'tool' }
  | { readonly error: string };

/** The points of an operation. */
export interface Points {
  /** Where jailctl, or a tool, changes the host. */
  readonly changing: readonly Point[];
  /** Where jailctl opens a file to read it. */
  readonly reading: readonly Point[];
}

/** How a host is brought in order after a run was cut: a report has one for each. */
export type Ending = 'apply' | 'destroy';

export interface Attempt {
  readonly point: Point;
  /** The run came to its end without meeting the point. */
  readonly missed: boolean;
  /** Every file is as after a run that was not cut. */
  readonly complete: boolean;
  /** What the cut run printed, and its exit code. */
  readonly result: CommandResult;
  /** What is wrong, for a person, each with its point; empty when all is well. */
  readonly faults: readonly string[];
}

/** The renames of account files after the first one: passwd is the last. */
const betweenRenames = /^rename\("\/etc\/(?:group|shadow|passwd)\.jailctl-new"/;

/**
 * What vipw(8) leaves when it is killed or can't unlink. The next of shadow's tools removes the lock,
 * and nobody the file with a PID in its name: it is not ours.
 */
const vipwLeavings = 'rm -f /etc/passwd.lock /etc/passwd.edit /etc/passwd.[0-9]*';

/** What destroy leaves after one point may be hundreds of paths. */
const faultsToldMax = 5;

const injectionLog = '/run/injected';
const traceLog = '/run/trace';

export function injection({ call, path, number }: Point, fault: Fault): readonly string[] {
  const what = 'error' in fault ? `error=${fault.error}` : `signal=${fault.signal}`;
  return [
    ...['strace', '-qq', '-o', injectionLog, '-e', `trace=${call}`],
    ...(path === undefined ? [] : ['-P', path]),
    ...['-e', `inject=${call}:${what}:when=${number}`, '--'],
  ];
}

/** One throwaway host, on which one operation is cut again and again, at a point each time. */
export class Harness implements AsyncDisposable {
  readonly host: TestHost;
  readonly #operation: Operation;
  readonly #jailctl: string;
  #clean: unknown;
  #whole: readonly Look[] = [];

  private constructor(host: TestHost, operation: Operation, jailctl: string) {
    this.host = host;
    this.#operation = operation;
    this.#jailctl = jailctl;
  }

  /**
   * @param prepare makes the host ready, before all else
   * @param jailctl the built command line to try
   */
  static async open(
    operation: Operation,
    prepare = async (_: TestHost): Promise<void> => {},
    jailctl = jailctlPath,
  ): Promise<Harness> {
    const host = await testHost();
    const harness = new Harness(host, operation, jailctl);
    await shell(host, prepareHost);
    await prepare(host);
    await shell(host, resetTools);
    harness.#clean = await harness.#state();
    return harness;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
  }

  /** Another host for the same operation, which knows what this one does. `points` comes first. */
  async twin(): Promise<Harness> {
    const twin = await Harness.open(this.#operation);
    twin.#whole = this.#whole;
    return twin;
  }

  /** Runs the operation once to its end, and tells its points: those of jailctl, and of its tools. */
  async points(): Promise<Points> {
    await this.#reach();
    const before = await look(this.host);
    const trace = ['strace', '-ff', '-y', '-qq', '-o', traceLog, '-e'];
    const traced = await this.#run([...trace, `trace=${tracedCalls.join(',')},execve`, '--']);
    expect(traced.exitCode, traced.stderr).toBe(0);
    this.#whole = [before, await look(this.host)];
    const logs = await this.#takeLogs();
    await this.#finish('apply');
    const [own = '', ...others] = logs;
    return {
      changing: [...pointsOf(own), ...toolPoints(others)],
      reading: readingPointsOf(own),
    };
  }

  /** Each log is one process's or thread's, in the order of their PIDs: jailctl's is the first. */
  async #takeLogs(): Promise<readonly string[]> {
    const script = `
      for log in $(ls ${traceLog}.* | sort --field-separator=. --key=2 --numeric-sort); do
        cat "$log"; printf '\\f'
      done
      rm ${traceLog}.*`;
    return (await shell(this.host, script)).split('\f');
  }

  /**
   * Runs the operation until it meets the point, looks at what is left, and brings the host in
   * order. `points` comes first.
   */
  async attempt(point: Point, fault: Fault, ending: Ending): Promise<Attempt> {
    const faults: string[] = [];
    await this.#reach();
    const result = await this.#meet(point, fault);
    const now = await look(this.host);
    const { archived } = this.#operation;
    faults.push(...faultsOf(now, this.#whole, archived, betweenRenames.test(point.text)));
    const [, after] = this.#whole;
    const complete = isDeepStrictEqual(now.files, after?.files);
    if (point.tool?.name === 'vipw') await shell(this.host, vipwLeavings);
    faults.push(...(await this.#finish(ending)));
    const log = await shell(this.host, `cat ${injectionLog} || true`);
    const missed = !log.includes('error' in fault ? '(INJECTED)' : '+++ killed by SIGKILL');
    const at = `${this.#operation.name}, ${pointName(point)} (${point.text}), then ${ending}: `;
    const told = faults.slice(0, faultsToldMax).map((one) => at + one);
    return { point, missed, complete, result, faults: told };
  }

  async #meet(point: Point, fault: Fault): Promise<CommandResult> {
    await shell(this.host, `rm -f ${injectionLog}`);
    const inject = injection(point, fault);
    if (point.tool === undefined) return this.#run(inject);
    const withJailctl = 'signal' in fault && !('only' in fault);
    return withTracedTool(this.host, point.tool, inject, withJailctl, () => this.#run([]));
  }

  #run(before: readonly string[], args = this.#operation.args): Promise<CommandResult> {
    const [first, ...rest] = [...before, process.execPath, this.#jailctl, ...args];
    return this.host.run([first as string, ...rest]);
  }

  /** The state that the operation begins with. */
  async #reach(): Promise<void> {
    const { from, to, change } = this.#operation;
    await shell(this.host, resetTools);
    if (from !== undefined) {
      await writeManifest(this.host, from);
      const applied = await this.#run([], ['apply', '--yes', '--file', manifestPath]);
      if (applied.exitCode !== 0) throw new Error(`${applied.stdout}${applied.stderr}`);
    }
    await shell(this.host, change);
    await writeManifest(this.host, to);
  }

  /** @returns what went wrong, for a person */
  async #finish(ending: Ending): Promise<readonly string[]> {
    const faults: string[] = [];
    const lose = ['--yes', '--destroy-data', '--archive', archiveDirectory];
    const must = async (args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await this.#run([], args);
      if (exitCode === 0) return;
      faults.push(`jailctl ${args.join(' ')} exits with ${exitCode}: ${stdout}${stderr}`);
    };
    if (ending === 'apply') {
      await must(['apply', ...lose, '--file', manifestPath]);
      await must(['plan', '--detailed-exitcode', '--file', manifestPath]);
    }
    await must(['destroy', ...lose]);
    await shell(this.host, resetTools);
    faults.push(...differences(this.#clean, await this.#state()));
    return faults;
  }

  /** Everything that destroy must leave as it was. */
  async #state(): Promise<Readonly<Record<string, readonly string[]>>> {
    const script = `
      for file in passwd group shadow gshadow; do sed "s|^|$file: |" /etc/$file; done
      for save in iptables-save ip6tables-save; do
        $save | sed -E "/^#/d; s/ \\[[0-9]+:[0-9]+\\]$//; s/^/$save: /"
      done
      findmnt --list --noheadings --output=TARGET,FSTYPE
      ps -e -o uid= -o args= | awk '$1 >= 78000 && $1 <= 78099'
      find /run -path /run/jailctl-throwaway -prune -o -name '*jailctl*' -print`;
    return {
      host: (await shell(this.host, script)).split('\n'),
      paths: this.host
        .changedPaths()
        .map(({ path, change, reasons }) => `${path} ${change} ${reasons.join(', ')}`),
    };
  }
}

function differences(clean: unknown, now: Readonly<Record<string, readonly string[]>>) {
  const was = clean as typeof now;
  return Object.entries(now).flatMap(([what, lines]) => {
    const old = was[what] ?? [];
    return [
      ...lines.filter((line) => !old.includes(line)).map((line) => `destroy leaves: ${line}`),
      ...old.filter((line) => !lines.includes(line)).map((line) => `destroy took: ${line}`),
    ];
  });
}
