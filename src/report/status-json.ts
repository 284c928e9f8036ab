import type { HostStatus, JailStatus } from '../model/host-status.ts';

const formatVersion = '1.0';

function jail(of: JailStatus): unknown {
  const { name, condition, path, users, bytes, network, engine, protect, drift } = of;
  return {
    ...{ name, condition },
    ...(path !== undefined && { path }),
    users: users.map(({ name: user, uid, hasAccount, lease }) => ({
      ...{ name: user, uid, has_account: hasAccount },
      ...(lease && {
        lease: {
          state: lease.state,
          pid: lease.pid,
          since: new Date(lease.sinceMs).toISOString(),
        },
      }),
    })),
    ...(bytes !== undefined && { bytes }),
    ...(network !== undefined && { network }),
    ...(engine !== undefined && { engine }),
    ...(protect !== undefined && { protect }),
    ...(drift && { drift: { changes: drift.changes, conflicts: drift.conflicts } }),
  };
}

/** The jails of a host, as `schemas/status.schema.json` describes them. */
export function statusDocument({ manifest, drift, fenced, jails, warnings }: HostStatus): unknown {
  return {
    format_version: formatVersion,
    ...(manifest !== undefined && { manifest }),
    ...(drift && { drift: { changes: drift.changes, conflicts: drift.conflicts } }),
    ...(fenced !== undefined && { fenced }),
    jails: jails.map(jail),
    warnings,
  };
}
