import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Entry, type Row, rows } from './ledger.ts';

type Counts = ReadonlyMap<string, number>;

/** What a row is about, and which of its counts say that something is broken. */
const meanings: Readonly<Record<Row, { readonly title: string; readonly bad: string }>> = {
  kills: { title: 'killed at a system call', bad: 'broken' },
  errors: { title: 'a system call fails', bad: 'broken' },
  races: { title: 'others change the host too', bad: 'lost updates' },
  attacks: { title: 'hostile tenants', bad: 'canaries changed' },
  signals: { title: 'signals, closed terminals and pipes', bad: 'not clean' },
};

function sumOf(text: string): ReadonlyMap<Row, Counts> {
  const sums = new Map<Row, Map<string, number>>();
  for (const line of text.split('\n').filter(Boolean)) {
    const { row, counts }: Entry = JSON.parse(line);
    const sum = sums.get(row) ?? new Map<string, number>();
    sums.set(row, sum);
    for (const [what, count] of Object.entries(counts)) {
      sum.set(what, (sum.get(what) ?? 0) + count);
    }
  }
  return sums;
}

/** @param text the ledger: a line of JSON for each entry */
export function ledgerTable(text: string): string {
  const sums = sumOf(text);
  const lines = rows.map((row) => {
    const { title, bad } = meanings[row];
    const counts = sums.get(row);
    const told =
      counts === undefined
        ? 'not run'
        : [...counts]
            .sort(([a], [b]) => Number(a === bad) - Number(b === bad))
            .map(([what, count]) => `${count.toLocaleString('en')} ${what}`)
            .join(' / ');
    const mark = (counts?.get(bad) ?? 0) > 0 ? '!' : ' ';
    return `${mark} ${title.padEnd(36)} ${told}`;
  });
  return `\nTried in this run, and what came of it\n${lines.join('\n')}\n`;
}

/** Vitest runs it before all tests; what it returns, after them. */
export default function setup(project: TestProject): () => void {
  const directory = mkdtempSync(join(tmpdir(), 'jailctl-ledger-'));
  const path = join(directory, 'entries');
  writeFileSync(path, '');
  project.provide('ledger', path);
  return () => {
    const text = readFileSync(path, 'utf8');
    rmSync(directory, { recursive: true });
    if (text !== '') process.stdout.write(ledgerTable(text));
  };
}
