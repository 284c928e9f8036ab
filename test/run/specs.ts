import { builtinLimits } from '../../src/manifest/limits.ts';
import type { BundleHost } from '../../src/run/bundle.ts';
import type { RunSpec } from '../../src/run/run-spec.ts';

export const limits = builtinLimits;

const user = { name: 'web1', uid: 70000 };

/** A run as the defaults make it. */
export const spec: RunSpec = {
  jail: {
    name: 'web',
    path: '/srv/web',
    users: [user, { name: 'web2', uid: 70001 }],
    network: { mode: 'none', refusal: 'reject' },
    limits,
    home: 'keep',
    optional: [],
    login: 'none',
    env: {},
    protect: false,
  },
  user,
  engine: 'crun',
  argv: ['python3', '-c', 'print(1)'],
  env: { PATH: '/usr/bin:/bin', HOME: '/home/web1' },
  workingDirectory: '/home/web1',
  limits,
  home: 'keep',
  copyIn: [],
  copyOut: [],
};

export function specWith(changes: Partial<RunSpec>): RunSpec {
  return { ...spec, ...changes };
}

/** The same run in a jail that may reach something. */
export function specWithNetwork(mode: 'host' | 'allow'): RunSpec {
  const network =
    mode === 'host' ? ({ mode } as const) : ({ mode, refusal: 'drop', targets: [] } as const);
  return specWith({ jail: { ...spec.jail, network } });
}

export const bundleHost: BundleHost = {
  architecture: 'SCMP_ARCH_X86_64',
  initPath: '/usr/lib/jailctl/init',
  seccomp: true,
};
