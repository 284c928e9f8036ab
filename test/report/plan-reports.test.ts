import { execa } from 'execa';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change, Conflict } from '../../src/model/change.ts';
import { labels } from '../../src/model/label.ts';
import type { Plan } from '../../src/model/plan.ts';
import { planJunit } from '../../src/report/plan-junit.ts';
import { planMarkdown } from '../../src/report/plan-markdown.ts';

const nothing = 'Nothing to do: this host is as the manifest says.';
const markdown = (plan: Plan) => planMarkdown(plan, { nothing });

const change = (
  path: string,
  label: Change<unknown>['label'],
  ...reasons: string[]
): Change<unknown> => ({
  address: `tree/web${path}`,
  jail: 'web',
  action: 'update',
  before: {},
  after: {},
  reasons,
  ...(label !== undefined && { label }),
});
const stage = (...changes: readonly Change<unknown>[]) => ({
  kind: 'tree' as const,
  title: `tree of web: ${changes.length} to update`,
  changes,
  steps: [],
});
const planOf = (changes: readonly Change<unknown>[], rest: Partial<Plan> = {}): Plan => ({
  stages: changes.length === 0 ? [] : [stage(...changes)],
  conflicts: [],
  warnings: [],
  ...rest,
});
const conflict = (message: string): Conflict => ({
  address: 'jail/web',
  jail: 'web',
  message,
  waysOut: ['move it away', 'or `rm` it'],
});

const hostile = '`|</details><script>@all\n| a |\x1b[31m\u{202e}]]>&"';
const sample = planOf(
  [
    change('/usr/bin/ls', 'tightens', 'mode 0777, wanted 0755'),
    change('/etc/a', 'neutral', hostile),
  ],
  { conflicts: [conflict(`a ${hostile} is in the way`)], warnings: ['two tables are live'] },
);

/** Written anew by `vitest run test/report/plan-reports.test.ts --update`. */
describe('the golden report of a plan', () => {
  test.for([
    ['plan-markdown', markdown(sample)],
    ['plan-junit', planJunit(sample)],
  ] as const)('as %s', async ([name, text]) => {
    await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
  });
});

/** Rows of changes and items that are shown, and how many the report says it leaves out. */
function shownOf(text: string) {
  const left = (noun: string) =>
    Number((new RegExp(`([\\d,]+) more ${noun}`).exec(text)?.[1] ?? '0').replaceAll(',', ''));
  return {
    changes: [...text.matchAll(/^\| update \|/gm)].length + left('change'),
    conflicts: [...text.matchAll(/^- `/gm)].length + left('conflict'),
    warnings: [...text.matchAll(/^> ⚠️/gm)].length + left('warning'),
  };
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 700 }),
  fc.constant(hostile),
  fc.constant('\u{1f4a9}'.repeat(900)),
);
const many = <T>(one: fc.Arbitrary<T>) =>
  fc
    .tuple(one, fc.integer({ min: 0, max: 900 }))
    .map(([item, count]) => Array.from({ length: count }, () => item));

describe('a plan as Markdown', () => {
  test('is short enough for GitHub, and accounts for everything, whatever is in it', () => {
    const changes = many(
      fc
        .tuple(text, fc.constantFrom(...labels))
        .map(([name, label]) => change(`/${name}`, label, name)),
    );
    const conflicts = many(text.map(conflict));
    fc.assert(
      fc.property(changes, conflicts, many(text), (some, others, warnings) => {
        const shown = markdown(planOf(some, { conflicts: others, warnings }));
        expect(shown.length).toBeLessThan(65_536);
        expect(Buffer.byteLength(shown)).toBeLessThan(65_536);
        expect(shownOf(shown)).toEqual({
          changes: some.length,
          conflicts: others.length,
          warnings: warnings.length,
        });
        expect(shown.split('<details>').length).toBe(shown.split('</details>\n').length);
      }),
      { numRuns: 40 },
    );
  });

  test('uses most of the room that it has', () => {
    const changes = Array.from({ length: 5000 }, (_, at) =>
      change(`/usr/lib/${at}`, 'neutral', 'it is missing'),
    );
    const shown = markdown(planOf(changes));
    expect(shown.length).toBeGreaterThan(60_000);
    expect(shown).toMatch(/\*\*[34],\d{3} more changes\*\* not shown here/);
  });

  test('is never cut in the middle of an escape', () => {
    for (let length = 590; length < 605; length += 1) {
      const reason = `${'x'.repeat(length)}\u{202e}\u{202e}${'y'.repeat(100)}`;
      const [, cell = ''] =
        /\| `(x+[^`]*)` \|/.exec(markdown(planOf([change('/a', 'neutral', reason)]))) ?? [];
      expect(cell.length).toBeGreaterThan(500);
      expect(cell.replaceAll('\\u{202e}', '')).toMatch(/^x+…$/);
    }
  });

  test('lets nothing of what it shows be more than text', () => {
    const shown = markdown(sample);
    expect(shown.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
    for (const line of shown.split('\n').filter((one) => one.includes('script'))) {
      const outside = line.replace(/`[^`]*`/g, '');
      expect(outside).not.toMatch(/script|@all|&/);
    }
  });
});

describe('a plan as JUnit XML', () => {
  test('is XML to another parser, with a case for each change and conflict', async () => {
    const script = `import json, sys, xml.etree.ElementTree as e
print(json.dumps([[c.get("name"), c.get("classname"), [b.tag for b in c]] for c in e.parse(sys.stdin).getroot().iter("testcase")]))`;
    const { stdout } = await execa('python3', ['-c', script], { input: planJunit(sample) });
    expect(JSON.parse(stdout)).toEqual([
      ['jail/web', 'web', ['error']],
      ['tree/web/usr/bin/ls', 'web', ['failure']],
      ['tree/web/etc/a', 'web', ['failure']],
    ]);
  });
});
