import type { Point } from './points.ts';

/** Adds up what became of points, for each operation and system call, and prints it as a table. */
export class Tally {
  readonly #title: string;
  readonly #columns: readonly string[];
  readonly #rows = new Map<string, number[]>();

  /** @param columns what is counted, besides how many points were tried */
  constructor(title: string, columns: readonly string[]) {
    this.#title = title;
    this.#columns = ['tried', ...columns];
  }

  count(operation: string, { tool, call }: Point, column: string): void {
    const who = tool === undefined ? 'jailctl' : tool.name;
    for (const key of [`${operation}\t${who}\t${call}`, `all\t\t`]) {
      const row = this.#rows.get(key) ?? this.#columns.map(() => 0);
      this.#rows.set(key, row);
      for (const name of ['tried', column]) {
        const at = this.#columns.indexOf(name);
        row[at] = (row[at] ?? 0) + 1;
      }
    }
  }

  print(): void {
    const rows = [...this.#rows].sort(([a], [b]) => Number(a < b) - Number(a > b) || 0).reverse();
    const lines = [
      ['operation', 'of', 'system call', ...this.#columns],
      ...rows.map(([key, counts]) => [...key.split('\t'), ...counts.map(String)]),
    ];
    const widths = (lines[0] ?? []).map((_, column) =>
      Math.max(...lines.map((line) => line[column]?.length ?? 0)),
    );
    const text = lines.map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
    process.stdout.write(`\n${this.#title}\n${text.join('\n')}\n`);
  }
}
