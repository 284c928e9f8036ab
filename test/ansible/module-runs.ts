import { type Fleet, type HostName, home, hostNames, projectPath, type Recap } from './fleet.ts';

/** What the module returned on a host. */
export interface Result {
  readonly changed: boolean;
  readonly failed?: boolean;
  readonly msg?: string;
  readonly exit_code: number;
  readonly changes: readonly { readonly address: string; readonly action: string }[];
  readonly summary: Readonly<Record<string, number>>;
  readonly diff?: readonly Readonly<Record<string, unknown>>[];
  readonly warnings?: readonly string[];
}

export interface ModuleRun {
  readonly recap: Readonly<Record<string, Recap>>;
  readonly results: Readonly<Record<string, Result>>;
  readonly stdout: string;
}

/** Puts the command jailctl on every host. */
export async function installJailctl(fleet: Fleet): Promise<void> {
  const program = `#!/bin/sh\nexec ${process.execPath} ${projectPath}/dist/jailctl.js "$@"\n`;
  for (const name of hostNames) {
    await fleet.hosts[name].write('/usr/local/bin/jailctl', program, 0o755);
  }
}

interface ModuleOptions {
  readonly flags?: readonly string[];
  readonly hosts?: readonly HostName[];
  /** Variables that the module has on the hosts. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs the module in a play of its own. A failure of it is a result. */
export async function runModule(
  fleet: Fleet,
  parameters: Readonly<Record<string, unknown>>,
  { flags = [], hosts = hostNames, environment = {} }: ModuleOptions = {},
): Promise<ModuleRun> {
  const directory = `${home}/results-${crypto.randomUUID()}`;
  await fleet.controller.ok(['mkdir', directory]);
  const playbook = {
    hosts: hosts.join(','),
    gather_facts: false,
    tasks: [
      {
        'jailctl.jailctl.jails': parameters,
        environment,
        register: 'result',
        ignore_errors: true,
      },
      {
        copy: { dest: `${directory}/{{ inventory_hostname }}`, content: '{{ result | to_json }}' },
        delegate_to: 'localhost',
        vars: { ansible_connection: 'local' },
        changed_when: false,
        check_mode: false,
        diff: false,
      },
    ],
  };
  const { stdout, stderr, recap } = await fleet.play(JSON.stringify([playbook]), ...flags);
  const results = hosts.map(async (name) => {
    const text = await fleet.controller.read(`${directory}/${name}`).catch(() => {
      throw new Error(`no result of ${name}\n${stdout}${stderr}`);
    });
    return [name, JSON.parse(text)] as const;
  });
  return {
    stdout: stdout + stderr,
    recap,
    results: Object.fromEntries(await Promise.all(results)),
  };
}

/** A value of each host, by its name. */
export function everywhere<T>(value: T): Readonly<Record<HostName, T>> {
  return { one: value, two: value, three: value };
}

/** One field of the results, by host. */
export function field<K extends keyof Result>(run: ModuleRun, key: K) {
  return Object.fromEntries(Object.entries(run.results).map(([name, one]) => [name, one[key]]));
}

/** How many tasks changed something, by host. */
export function changedTasks({ recap }: Pick<ModuleRun, 'recap'>) {
  return Object.fromEntries(Object.entries(recap).map(([name, { changed }]) => [name, changed]));
}
