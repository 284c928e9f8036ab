import type { Results } from './document.ts';
import type { Bounded, Row, SectionName, Unit } from './row.ts';

/** What the floor is, for a person. */
const sections: Readonly<Record<SectionName, string>> = {
  start: 'Start. Floor: `node -e 0`',
  run: 'A program in a jail. Floor: the OCI runtime with the same bundle; for a command line, and `node -e 0`',
  jails:
    'Jails with Python. Floor: `cp`, account files, homes, two restores; of a plan, `node -e 0` and `find`; of a small change, both',
  growth: 'Growth. Floor: the smaller one; linear is as many times as there are more jails',
  disk: 'Disk that 100 jails with Python and one user take. Floor: one jail',
  packets: 'A packet of an ordinary process over loopback. Floor: as named',
};

const header = ['', 'jailctl', 'peak memory', 'floor', 'against the floor', 'peers'];

/** Three digits that count. */
function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const [whole = '', fraction] = value.toFixed(places).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

export function quantity(value: number, unit: Unit): string {
  if (unit === 'ms' && Math.abs(value) >= 10_000) return `${digits(value / 1000)} s`;
  return `${digits(value)} ${unit}`;
}

function bounded(bounded: Bounded, show: (value: number) => string): string {
  const { value, at_most, at_least, met } = bounded;
  if (met === undefined) return show(value);
  const bound = at_most === undefined ? `≥ ${show(at_least ?? 0)}` : `≤ ${show(at_most)}`;
  return `${show(value)} (${bound}: ${met ? 'met' : '**not met**'})`;
}

const times = (value: number) => `${digits(value)} ×`;

function cells(row: Row): readonly string[] {
  const show = (value: number) => quantity(value, row.unit);
  const { times_floor, over_floor } = row;
  return [
    row.name,
    bounded(row.ours, show),
    row.peak_mib === undefined ? '' : bounded(row.peak_mib, (value) => quantity(value, 'MiB')),
    row.floor === undefined ? '' : show(row.floor),
    [
      times_floor === undefined ? '' : bounded(times_floor, times),
      over_floor === undefined
        ? ''
        : bounded(over_floor, (value) => `${value < 0 ? '' : '+'}${show(value)}`),
    ]
      .filter(Boolean)
      .join(', '),
    row.peers
      .map(
        ({ name, value, times_ours }) => `${name} ${show(value)} = ${bounded(times_ours, times)}`,
      )
      .join(', '),
  ];
}

/** A Markdown table whose columns stand below one another, too. Columns without text are left out. */
function table(lines: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    lines.some((line) => line[column])
      ? Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0))
      : 0,
  );
  const print = (line: readonly string[]) =>
    `| ${line.flatMap((cell, column) => (widths[column] ? [cell.padEnd(widths[column])] : [])).join(' | ')} |`;
  const rule = header.map((_, column) => '-'.repeat(widths[column] ?? 0));
  return [header, rule, ...lines].map(print).join('\n');
}

function about({ begun, minutes, jailctl, machine }: Results): string {
  const { cpu, cpus, memory_mib, kernel, system, node } = machine;
  const hardware = `${cpus} × ${cpu}, ${digits(memory_mib / 1024)} GiB of memory`;
  const software = `${system}, Linux ${kernel}, Node ${node}, jailctl ${jailctl}`;
  return `${begun.slice(0, 10)}, in ${digits(minutes)} minutes: ${hardware}; ${software}.`;
}

/** For a person, as Markdown that is readable as it is. */
export function resultsText(results: Results): string {
  const { rows, failed } = results;
  const tables = Object.entries(sections).flatMap(([section, title]) => {
    const lines = rows.filter((row) => row.section === section).map(cells);
    return lines.length === 0 ? [] : [`${title}:\n\n${table(lines)}`];
  });
  const failures = failed.map(({ case: name, message }) => `Not measured, ${name}: ${message}`);
  return `${[about(results), ...tables, ...failures].join('\n\n')}\n`;
}
