import { readFileSync, writeFileSync } from 'node:fs';
import type { Results } from './report/document.ts';
import { resultsText } from './report/text.ts';

const begin = '<!-- results -->\n';
const end = '<!-- end of results -->\n';

/** @throws Error when the page has no place for the results. @returns the page with them */
export function withResults(page: string, text: string): string {
  const [before, ...rest] = page.split(begin);
  const after = rest.join(begin).split(end);
  if (rest.length !== 1 || after.length !== 2) {
    throw new Error(`there must be one ${begin.trim()}, and after it one ${end.trim()}`);
  }
  return `${before}${begin}\n${text.trim()}\n\n${end}${after[1]}`;
}

/** Keeps results in the folder of the benchmark: as JSON, and as tables in its page. */
export function record(results: Results): void {
  const page = new URL('README.md', import.meta.url);
  writeFileSync(page, withResults(readFileSync(page, 'utf8'), resultsText(results)));
  const json = `${JSON.stringify(results, undefined, 2)}\n`;
  writeFileSync(new URL('results.json', import.meta.url), json);
}
