import type { JailSettings, JailUser, Network } from '../../src/model/settings.ts';

/** A jail with the usual limits, as it is in a marker. */
export function jailSettings(
  name: string,
  users: readonly JailUser[],
  network: Network,
): JailSettings {
  return {
    name,
    path: `/${name}`,
    users,
    network,
    limits: {
      processes: 64,
      memoryBytes: 1 << 28,
      cpuTimeSeconds: 10,
      wallTimeSeconds: 30,
      fileSizeBytes: 1 << 24,
      openFiles: 64,
      outputBytes: 1 << 20,
      tmpSizeBytes: 1 << 26,
    },
    home: 'keep',
    optional: [],
    login: 'none',
    env: {},
    protect: false,
  };
}
