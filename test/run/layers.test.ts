import { describe, expect, test } from 'vitest';
import { layerNames, optionalNames } from '../../src/model/layers.ts';
import { engineNames } from '../../src/model/settings.ts';
import {
  type Enforcement,
  type EnforcementHost,
  enforcementOf,
  missingEnforcement,
} from '../../src/run/layers.ts';
import type { LayerState } from '../../src/run/run-result.ts';
import type { RunSpec } from '../../src/run/run-spec.ts';
import { limits, spec, specWith, specWithNetwork } from './specs.ts';

const able: EnforcementHost = {
  controllers: new Set(['cpu', 'cpuacct', 'memory', 'pids']),
  unusable: new Map(),
  swapLimited: true,
  hasSwap: true,
  seccomp: true,
};
const unable: EnforcementHost = {
  controllers: new Set(),
  unusable: new Map([['pids', { why: 'it is mounted read-only', remedy: 'mount it anew' }]]),
  swapLimited: false,
  hasSwap: true,
  seccomp: false,
};

const namesWith = (states: Readonly<Record<string, LayerState>>, state: LayerState['state']) =>
  Object.keys(states).filter((name) => states[name]?.state === state);

function missing(of: RunSpec, host: EnforcementHost, ...optional: string[]): readonly string[] {
  const found = missingEnforcement(of, enforcementOf(of, host), new Set(optional));
  for (const { hint, message } of found) {
    expect(message).toMatch(/can't be enforced: .{10}/);
    expect(hint).toContain('`optional`');
  }
  return found.map(({ message }) => message.replace(/ .*/, ''));
}

const allLimits = specWith({ limits: { ...limits, cpus: 1, diskBytes: 2 ** 20 }, home: 'fresh' });
const chroot = specWith({ engine: 'chroot' });

describe('on a host that can do everything', () => {
  test.for(['crun', 'runc', 'runsc'] as const)('a run by %s lacks nothing', (engine) => {
    const { layers, limits: states } = enforcementOf({ ...allLimits, engine }, able);
    expect(namesWith(layers, 'in_force')).toEqual(Object.keys(layers));
    expect(namesWith(states, 'absent')).toEqual([]);
    expect(namesWith(states, 'weaker')).toEqual(engine === 'runsc' ? ['processes'] : []);
    expect(missing({ ...allLimits, engine }, able)).toEqual([]);
  });

  test('a run by chroot says what it lacks, and may start all the same', () => {
    const { layers } = enforcementOf(chroot, able);
    expect(namesWith(layers, 'absent')).toEqual([
      'mount_namespace',
      'pid_namespace',
      'ipc_namespace',
      'uts_namespace',
      'cgroup_namespace',
      'private_tmp',
      'seccomp',
    ]);
    expect(namesWith(layers, 'weaker')).toEqual([
      'network_namespace',
      'read_only_root',
      'private_devices',
    ]);
    expect(missing(chroot, able)).toEqual([]);
  });

  test('every engine speaks of the same layers, in the same order', () => {
    const namesOf = ({ layers }: Enforcement) => Object.keys(layers);
    expect(namesOf(enforcementOf(chroot, able))).toEqual(namesOf(enforcementOf(spec, able)));
  });

  test.for(engineNames)(
    'a manifest can give up what a run by %s has, and nothing else',
    (engine) => {
      const { layers, limits: states } = enforcementOf({ ...allLimits, engine }, able);
      expect(Object.keys(layers)).toEqual(layerNames);
      const names = [...Object.keys(layers), ...Object.keys(states)];
      expect(names.sort()).toEqual([...optionalNames].sort());
    },
  );

  test('only limits that the run has are listed', () => {
    const names = ['processes', 'memory', 'cpu_time', 'wall_time', 'file_size', 'open_files'];
    expect(Object.keys(enforcementOf(spec, able).limits)).toEqual([...names, 'output', 'tmp_size']);
    expect(Object.keys(enforcementOf(allLimits, able).limits)).toHaveLength(10);
  });
});

describe('the network', () => {
  test.for([
    ['host', 'crun', 'absent'],
    ['allow', 'crun', 'weaker'],
    ['allow', 'chroot', 'weaker'],
    ['host', 'chroot', 'absent'],
  ] as const)(
    'that a manifest opens (%s, by %s) is %s, and no reason to refuse',
    ([mode, engine, state]) => {
      const opened = { ...specWithNetwork(mode), engine };
      expect(enforcementOf(opened, able).layers['network_namespace']).toMatchObject({ state });
      expect(missing(opened, able)).toEqual([]);
    },
  );
});

describe('on a host that can do little', () => {
  test('a run is refused for everything that is absent, unless it is given up', () => {
    const absent = ['seccomp', 'processes', 'memory', 'cpus'];
    expect(missing(allLimits, unable)).toEqual(absent);
    expect(missing(allLimits, unable, 'memory', 'cpus')).toEqual(['seccomp', 'processes']);
    expect(missing(allLimits, unable, ...absent)).toEqual([]);
  });

  test('the reason and the remedy are those of the host, where it knows them', () => {
    const found = missingEnforcement(allLimits, enforcementOf(allLimits, unable), new Set());
    expect(found.find(({ message }) => message.startsWith('processes'))).toEqual({
      code: 'limit-absent',
      message:
        "processes can't be enforced: jailctl can set no pids cgroup on this host: it is mounted read-only",
      hint: "mount it anew, or name processes in the jail's `optional` to run without it",
    });
  });

  test('CPU time is limited in each process only, and that is told', () => {
    const { cpu_time } = enforcementOf(spec, unable).limits;
    expect(cpu_time).toMatchObject({ state: 'weaker', by: 'RLIMIT_CPU' });
  });

  test('a run by chroot counts processes by user, and is refused for want of a memory limit', () => {
    const { processes } = enforcementOf(chroot, unable).limits;
    expect(processes).toMatchObject({ state: 'weaker', by: 'RLIMIT_NPROC' });
    expect(missing(chroot, unable)).toEqual(['memory']);
  });
});

describe('memory', () => {
  test.for([
    [true, true, 'in_force'],
    [false, false, 'in_force'],
    [true, false, 'in_force'],
    [false, true, 'weaker'],
  ] as const)(
    'with swap that is limited: %s, with swap at all: %s',
    ([swapLimited, hasSwap, state]) => {
      const { memory } = enforcementOf(spec, { ...able, swapLimited, hasSwap }).limits;
      expect(memory).toMatchObject({ state });
    },
  );
});

describe('the size of a home', () => {
  const limited = { ...limits, diskBytes: 2 ** 20 };

  test('is limited where the home is fresh', () => {
    const { disk } = enforcementOf(specWith({ limits: limited, home: 'fresh' }), able).limits;
    expect(disk).toMatchObject({ state: 'in_force' });
  });

  test.for([
    ['kept', specWith({ limits: limited })],
    ['one of a run by chroot', { ...chroot, limits: limited, home: 'fresh' }],
  ] as const)('is watched where it is %s', ([, of]) => {
    const { disk } = enforcementOf(of, able).limits;
    expect(disk).toMatchObject({
      state: 'weaker',
      by: expect.stringContaining('looks at the home'),
    });
    expect(missing(of, able)).toEqual([]);
  });
});
