import type { DriftCount, HostStatus, JailCondition, JailStatus } from '../model/host-status.ts';
import { formatBytes, formatCount, plural } from '../model/numbers.ts';
import { printable } from '../model/printable.ts';
import { type Paint, painter } from './paint.ts';

/** Of the narrowest terminal that anybody has. */
const columnsMax = 80;

/** Where even the longest name has its own line, the table begins here. */
const nameColumnsMin = 4;

const heads = ['USERS', 'BUSY', 'SIZE', 'NETWORK', 'ENGINE', 'PROTECT', 'DRIFT'] as const;
const unknown = '?';

function driftCell(drift: DriftCount | undefined): string {
  if (drift === undefined) return '-';
  if (drift.conflicts > 0) return 'conflict';
  return drift.changes === 0 ? 'no' : formatCount(drift.changes);
}

function cells(jail: JailStatus): readonly string[] {
  const { condition, users, bytes, network, engine, protect, drift } = jail;
  const busy = users.filter(({ lease }) => lease?.state === 'running').length;
  return [
    formatCount(users.length),
    formatCount(busy),
    bytes === undefined ? (condition === 'applied' ? unknown : '-') : formatBytes(bytes),
    network ?? '-',
    engine ?? '-',
    protect === undefined ? '-' : protect ? 'yes' : 'no',
    driftCell(drift),
  ];
}

/** A name that is too long for its column has a line of its own: nothing is cut off. */
function table(jails: readonly JailStatus[], paint: Paint): readonly string[] {
  const rows = jails.map((jail) => ({ jail, cells: cells(jail) }));
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...rows.map((row) => row.cells[index]?.length ?? 0)),
  );
  const rest = widths.reduce((sum, width) => sum + width + 2, 0);
  const longest = Math.max(nameColumnsMin, ...jails.map(({ name }) => name.length));
  const width = Math.max(nameColumnsMin, Math.min(longest, columnsMax - rest));
  const line = (name: string, texts: readonly string[]) =>
    [
      name.length > width ? `${name}\n${' '.repeat(width)}` : name.padEnd(width),
      ...texts.map((text, index) => text.padEnd(widths[index] ?? 0)),
    ]
      .join('  ')
      .trimEnd();
  return [paint('bold', line('JAIL', heads)), ...rows.map((row) => line(row.jail.name, row.cells))];
}

const conditionText: Readonly<Record<Exclude<JailCondition, 'applied'>, string>> = {
  damaged: 'its settings are missing or damaged; jailctl apply writes them anew',
  unmarked: 'what is there is not marked as a jail; jailctl plan shows the ways out',
  gone: 'its directory is gone; jailctl apply makes it anew, jailctl destroy forgets it',
  unregistered: 'only its accounts are left; jailctl destroy removes them',
  missing: 'it is in the manifest, and not on this host; jailctl apply makes it',
};

function problems(jail: JailStatus): readonly string[] {
  const { name, condition, path, users } = jail;
  const where = path === undefined ? name : `${name} (${printable(path)})`;
  const lost = users.filter(({ hasAccount }) => !hasAccount).map((user) => user.name);
  return [
    ...(condition === 'applied' ? [] : [`${where}: ${conditionText[condition]}`]),
    ...(lost.length === 0
      ? []
      : [`${name}: no account for ${lost.join(', ')}; jailctl apply makes it`]),
  ];
}

const leaseText = {
  running: 'runs a program',
  idle: 'leased, runs nothing at the moment',
  orphaned: 'whoever had it was killed; what is left goes before its next run',
} as const;

function leases(jail: JailStatus): readonly string[] {
  return jail.users.flatMap(({ name, lease }) => {
    if (lease === undefined) return [];
    const since = new Date(lease.sinceMs).toISOString().replace(/\.\d+/, '');
    return [`  ${name}: ${leaseText[lease.state]} (pid ${lease.pid}, since ${since})`];
  });
}

function summary({ manifest, drift, jails }: HostStatus): string {
  const all = plural(jails.length, 'jail');
  if (manifest === undefined || drift === undefined) {
    return `${all}; drift was not looked at (--file names a manifest)`;
  }
  const counts = [
    plural(drift.changes, 'change'),
    ...(drift.conflicts > 0 ? [plural(drift.conflicts, 'conflict')] : []),
  ];
  const isAlike = drift.changes === 0 && drift.conflicts === 0;
  const found = isAlike ? 'no drift' : `drift: ${counts.join(', ')} (jailctl plan shows them)`;
  return `${all}; compared with ${printable(manifest)}: ${found}`;
}

/** Writes the jails of a host for a person, in 80 columns. */
export function formatStatus(status: HostStatus, options: { readonly color: boolean }): string {
  const paint = painter(options.color);
  const { jails, fenced, warnings } = status;
  const bad = [
    ...jails.flatMap(problems),
    ...(fenced === false
      ? ['the packet rules that fence jail users are not loaded: jailctl apply']
      : []),
    ...warnings,
  ];
  const busy = jails.flatMap(leases);
  return [
    ...(jails.length === 0 ? [] : [...table(jails, paint), '']),
    ...(busy.length === 0 ? [] : ['leased:', ...busy, '']),
    ...bad.map((text) => `${paint('yellow', '!')} ${printable(text)}`),
    ...(bad.length === 0 ? [] : ['']),
    jails.length === 0 ? 'This host has no jails.' : `${summary(status)}.`,
    '',
  ].join('\n');
}
