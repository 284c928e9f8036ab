import { loginsAddress, poolAddress, stateDirectories } from '../kinds/limits/kind.ts';
import type { PoolRecord } from '../kinds/limits/pool-file.ts';
import type { HostLimits } from '../kinds/limits/state.ts';
import type { Address } from '../model/address.ts';
import { ownHeader } from '../model/own-header.ts';
import type { JailSettings } from '../model/settings.ts';
import { uidRanges } from '../model/uid-range.ts';

const bytesPerKilobyte = 1024;
const secondsPerMinute = 60;

/**
 * Limits for logins of one jail's users, as limits.conf(5) wants them: a range of UIDs, file sizes
 * in KB, CPU time in minutes. No address space limit: it breaks just-in-time compilers, and memory
 * is the memory cgroup's business.
 */
function loginLines(jail: JailSettings): readonly string[] {
  const { limits } = jail;
  const items = [
    `nproc ${limits.processes}`,
    `nofile ${limits.openFiles}`,
    `fsize ${Math.ceil(limits.fileSizeBytes / bytesPerKilobyte)}`,
    `cpu ${Math.ceil(limits.cpuTimeSeconds / secondsPerMinute)}`,
    'core 0',
  ];
  return uidRanges(jail.users.map((user) => user.uid)).flatMap(({ first, last }) =>
    items.map((item) => `${first}:${last} hard ${item}`),
  );
}

function loginText(jails: readonly JailSettings[]): string {
  const lines = jails.flatMap((jail) => {
    const limits = loginLines(jail);
    return limits.length === 0 ? [] : [`# ${jail.name}`, ...limits];
  });
  return `${[ownHeader, ...lines].join('\n')}\n`;
}

/**
 * What the host holds once for all jails; nothing when there are none.
 * @param hasLoginLimits does the host read limits for logins (pam_limits(8))?
 */
export function desiredHostLimits(
  jails: readonly JailSettings[],
  record: PoolRecord,
  hasLoginLimits: boolean,
): ReadonlyMap<Address, HostLimits> {
  const limits = new Map<Address, HostLimits>();
  if (jails.length === 0) return limits;
  limits.set(poolAddress, { type: 'pool', directories: stateDirectories, leftovers: [], record });
  if (hasLoginLimits && jails.some((jail) => jail.users.length > 0)) {
    limits.set(loginsAddress, { type: 'logins', text: loginText(jails) });
  }
  return limits;
}
