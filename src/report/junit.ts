import { attributes, xml } from './xml.ts';

/** What a reader of JUnit may find below a test case; a case with nothing below passed. */
export interface Below {
  readonly element: 'failure' | 'error' | 'skipped';
  readonly message: string;
  readonly type?: string;
  readonly lines?: readonly string[];
}

export interface Case {
  readonly classname: string;
  readonly name: string;
  readonly timeMs: number;
  readonly below: Below | undefined;
}

export interface Suite {
  readonly name: string;
  /** A property of the suite. */
  readonly engine?: string | undefined;
  readonly cases: readonly Case[];
}

function seconds(timeMs: number): string {
  return (timeMs / 1000).toFixed(3);
}

function tally(cases: readonly Case[]): Readonly<Record<string, string | number>> {
  const count = (element: string) => cases.filter(({ below }) => below?.element === element).length;
  return {
    tests: cases.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
    time: seconds(cases.reduce((sum, { timeMs }) => sum + timeMs, 0)),
  };
}

function caseText({ classname, name, timeMs, below }: Case): string {
  const open = `    <testcase${attributes({ classname, name, time: seconds(timeMs) })}`;
  if (below === undefined) return `${open}/>\n`;
  const { element, message, type, lines = [] } = below;
  const start = `      <${element}${attributes({ message, ...(type !== undefined && { type }) })}`;
  const inner =
    lines.length === 0 ? `${start}/>` : `${start}>${lines.map(xml).join('\n')}</${element}>`;
  return `${open}>\n${inner}\n    </testcase>\n`;
}

function suiteText({ name, engine, cases }: Suite): string {
  const property = engine === undefined ? [] : [attributes({ name: 'engine', value: engine })];
  return [
    `  <testsuite${attributes({ name, ...tally(cases) })}>\n`,
    ...property.map((one) => `    <properties>\n      <property${one}/>\n    </properties>\n`),
    ...cases.map(caseText),
    '  </testsuite>\n',
  ].join('');
}

/** Suites as JUnit XML, as GitLab, Jenkins and actions of GitHub read it. */
export function junitDocument(name: string, suites: readonly Suite[]): string {
  const all = tally(suites.flatMap(({ cases }) => cases));
  return [
    '<?xml version="1.0" encoding="UTF-8"?>\n',
    `<testsuites${attributes({ name, ...all })}>\n`,
    ...suites.map(suiteText),
    '</testsuites>\n',
  ].join('');
}
