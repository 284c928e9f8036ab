/** One place where a source breaks a rule of the architecture. */
export interface Violation {
  /** `src/planner/plan.ts:3`. */
  readonly at: string;
  /** What is wrong and what to do instead. */
  readonly message: string;
}

/**
 * For each folder of src, the folders that it may import: wholly, or (with `type`) types only.
 * Each may import itself. Imports point one way, so that a reader can start at model and go up.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  model: [],
  kinds: ['model'],
  manifest: ['model'],
  desired: ['model', 'kinds'],
  planner: ['model', 'kinds', 'type desired'],
  apply: ['model', 'kinds'],
  run: ['model', 'kinds'],
  doctor: ['model', 'kinds'],
  setup: ['model'],
  observed: ['model', 'kinds'],
  verify: ['model', 'kinds', 'run'],
  report: [
    ...['model', 'kinds', 'type run', 'verify', 'type doctor', 'type observed', 'type import'],
    'type setup',
  ],
  host: ['model', 'type run', 'type verify'],
  import: ['model', 'kinds', 'manifest', 'desired'],
  cli: [
    ...['model', 'kinds', 'manifest', 'desired', 'planner', 'apply', 'run', 'verify', 'doctor'],
    ...['setup', 'observed', 'report', 'import', 'host'],
  ],
  main: ['model', 'kinds', 'run', 'report', 'cli', 'host'],
};

/** What reaches out of the process. Only src/host may use it. */
const effects = [
  'child_process',
  'cluster',
  'dgram',
  'dns',
  'fs',
  'fs/promises',
  'http',
  'https',
  'net',
  'os',
  'tls',
  'worker_threads',
];

/** Of the whole project, with the better way. */
const forbidden: readonly { readonly pattern: RegExp; readonly message: string }[] = [
  {
    pattern: /\b(?:TODO|FIXME|XXX)\b/,
    message: 'a promise that nothing checks: do it, or leave it out',
  },
  {
    pattern: /\b(?:describe|it|suite|test)\.(?:only|skip|todo)\b/,
    message: 'a test that does not run proves nothing: make it run, or remove it',
  },
  {
    pattern: /@ts-(?:ignore|nocheck|expect-error)\b/,
    message: 'the type is wrong somewhere: mend it there',
  },
];

const fileLinesMax = 300;

/** `from 'x'`, `import 'x'` and `import('x')`, with what stands before the module's name. */
const importPattern =
  /^[ \t]*(?:import|export)\b([^'";]*?)\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm;

interface Import {
  readonly line: number;
  readonly module: string;
  readonly typesOnly: boolean;
}

/** `{ type A, type B }` and `type { A }` vanish when the program runs. */
function namesOnlyTypes(clause: string): boolean {
  if (/^\s*type\b/.test(clause)) return true;
  const names = /^\s*\{(.*)\}\s*$/s.exec(clause)?.[1];
  if (names === undefined) return false;
  return names
    .split(',')
    .filter((name) => name.trim() !== '')
    .every((name) => /^\s*type\b/.test(name));
}

function importsOf(text: string): Import[] {
  return [...text.matchAll(importPattern)].map((match) => {
    const [, clause = '', ...modules] = match;
    return {
      line: text.slice(0, match.index).split('\n').length,
      module: modules.find((module) => module !== undefined) ?? '',
      typesOnly: namesOnlyTypes(clause),
    };
  });
}

/** `kinds` for `src/kinds/tree/entry.ts`, `main` for what lies in src itself. */
function folderOf(path: string): string {
  const [, folder = '', ...rest] = path.split('/');
  return rest.length === 0 ? 'main' : folder;
}

function importMessage(path: string, { module, typesOnly }: Import): string | undefined {
  const from = folderOf(path);
  if (!module.startsWith('.')) {
    const name = module.replace(/^node:/, '');
    if (from === 'host' || (name !== 'execa' && !effects.includes(name))) return undefined;
    return `${module} reaches out of the process: take a Reader, or move this to src/host`;
  }
  const target = new URL(module, `file:///${path}`).pathname.slice(1);
  if (!target.startsWith('src/')) return undefined;
  const to = folderOf(target);
  const allowed = mayImport[from];
  if (allowed === undefined) {
    return `src/${from} has no place in the architecture: give it one in mayImport`;
  }
  if (to === from || allowed.includes(to)) return undefined;
  if (allowed.includes(`type ${to}`)) {
    return typesOnly ? undefined : `${from} may only know types of ${to}: use import type`;
  }
  return `${from} must not import ${to}: it may import ${allowed.join(', ') || 'nothing'}`;
}

/** Checks of src alone. */
function checkSource(path: string, text: string): Violation[] {
  const found: Violation[] = [];
  for (const one of importsOf(text)) {
    const message = importMessage(path, one);
    if (message !== undefined) found.push({ at: `${path}:${one.line}`, message });
  }
  const atEdge = ['main', 'cli'].includes(folderOf(path));
  for (const [index, line] of text.split('\n').entries()) {
    const at = `${path}:${index + 1}`;
    // Not `child.process.exitCode` or `this.#process.exitCode`.
    if (!atEdge && /(?<![.#\w])process\.(?:exit\(|exitCode\b)/.test(line)) {
      found.push({ at, message: 'only main and cli end the process: throw a Failure' });
    }
    if (!atEdge && /\bconsole\./.test(line)) {
      found.push({ at, message: 'the core never prints: return text, or emit an event' });
    }
  }
  return found;
}

/**
 * Checks sources against the rules of the architecture.
 * @param files texts by path from the root of the project, with `/`
 */
export function violations(files: ReadonlyMap<string, string>): Violation[] {
  const found: Violation[] = [];
  for (const [path, text] of files) {
    if (path.startsWith('src/')) found.push(...checkSource(path, text));
    const lines = text.split('\n');
    if (lines.length - 1 > fileLinesMax) {
      const message = `${lines.length - 1} lines, at most ${fileLinesMax}: split it by its jobs`;
      found.push({ at: `${path}:${fileLinesMax + 1}`, message });
    }
    for (const [index, line] of lines.entries()) {
      for (const { pattern, message } of forbidden) {
        if (pattern.test(line)) found.push({ at: `${path}:${index + 1}`, message });
      }
    }
  }
  return found;
}
