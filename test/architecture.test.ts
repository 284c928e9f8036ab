import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { violations } from './rig/architecture.ts';

const root = new URL('../', import.meta.url);

/** The rules name what they forbid. */
const aboutTheRules = ['test/rig/architecture.ts', 'test/architecture.test.ts'];

function projectSources(): Map<string, string> {
  const paths = ['src', 'test', 'bench', 'scripts'].flatMap((folder) =>
    readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name}`,
    ),
  );
  const sources = paths.filter((path) => /\.(?:ts|mjs)$/.test(path));
  return new Map(
    sources
      .filter((path) => !aboutTheRules.includes(path))
      .map((path) => [path, readFileSync(new URL(path, root), 'utf8')]),
  );
}

const check = (path: string, text: string) => violations(new Map([[path, text]]));

describe('the architecture', () => {
  test('is kept by every source', () => {
    const sources = projectSources();
    expect(sources.size).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });
});

describe('the checker of the architecture', () => {
  test.for([
    ['src/model/a.ts', "import { a } from '../kinds/kind.ts';", 'model must not import kinds'],
    ['src/kinds/tree/a.ts', "import { a } from '../../host/reader.ts';", 'kinds must not'],
    ['src/kinds/a.ts', "import type { A } from '../planner/plan.ts';", 'kinds must not'],
    ['src/planner/a.ts', "export { a } from '../cli/plan.ts';", 'planner must not import cli'],
    ['src/host/a.ts', "await import('../apply/apply.ts');", 'host must not import apply'],
    ['src/cli/a.ts', "import '../main.ts';", 'cli must not import main'],
    ['src/planner/a.ts', "import {\n  a,\n  type B,\n} from '../desired/state.ts';", 'import type'],
    ['src/planner/a.ts', "import { a } from '../desired/state.ts';", 'import type'],
    ['src/new/a.ts', "import { a } from '../model/a.ts';", 'no place in the architecture'],
    ['src/cli/a.ts', "import { rm } from 'node:fs/promises';", 'take a Reader'],
    ['src/cli/a.ts', "import { rm } from 'fs';", 'take a Reader'],
    ['src/main.ts', "import { execa } from 'execa';", 'take a Reader'],
    ['src/desired/a.ts', "import type { Stats } from 'node:fs';", 'take a Reader'],
    ['src/host/a.ts', 'process.exit(1);', 'only main and cli end the process'],
    ['src/planner/a.ts', 'console.log(1);', 'the core never prints'],
    ['src/model/a.ts', '// TODO: later', 'nothing checks'],
    ['test/a.test.ts', "test.only('a', () => {});", 'proves nothing'],
    ['test/a.test.ts', "describe.skip('a', () => {});", 'proves nothing'],
    ['scripts/a.mjs', '// @ts-ignore', 'mend it there'],
  ])('finds what is wrong in %s: %s', ([path = '', text = '', message]) => {
    expect(check(path, text)).toMatchObject([
      { at: `${path}:1`, message: expect.stringContaining(message ?? '') },
    ]);
  });

  test('names the line', () => {
    const text = "import type { A } from '../model/a.ts';\n\nimport { b } from '../cli/b.ts';\n";
    expect(check('src/kinds/a.ts', text)).toMatchObject([{ at: 'src/kinds/a.ts:3' }]);
  });

  test('finds a file that is too long, and not one that is just short enough', () => {
    expect(check('src/model/a.ts', '//\n'.repeat(300))).toEqual([]);
    expect(check('src/model/a.ts', '//\n'.repeat(301))).toMatchObject([
      { at: 'src/model/a.ts:301', message: expect.stringContaining('split it') },
    ]);
  });

  test.for([
    ['src/main.ts', "import { run } from './cli/run.ts';\nprocess.exitCode = 1;"],
    ['src/host/a.ts', "import { rmSync } from 'node:fs';\nimport { execa } from 'execa';"],
    ['src/kinds/tree/a.ts', "import { join } from 'node:path';\nimport { b } from './b.ts';"],
    ['src/planner/a.ts', "import { type A, type B } from '../desired/state.ts';"],
    ['src/planner/a.ts', "import type { A } from '../desired/state.ts';"],
    ['src/manifest/a.ts', "import schema from '../../schemas/jails.schema.json' with {};"],
    ['test/a.test.ts', "import { rmSync } from 'node:fs';\nimport { b } from '../src/cli/b.ts';"],
  ])('lets pass what is right in %s: %s', ([path = '', text = '']) => {
    expect(check(path, text)).toEqual([]);
  });
});
