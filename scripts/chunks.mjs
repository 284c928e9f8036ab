// How dist/ is cut into files. What Node pays at a start is one file after the other, and then each
// byte of them: so a command's code is in few files, and in none that it does not need.
import { isBuiltin } from 'node:module';
import { relative, resolve } from 'node:path';
import { root } from './project.mjs';

/** @typedef {import('esbuild').Plugin} Plugin */

const commands = (/** @type {readonly string[]} */ ...names) =>
  names.map((name) => `src/cli/commands/${name}.ts`);
const host = (/** @type {readonly string[]} */ ...names) =>
  names.map((name) => `src/host/${name}.ts`);

/**
 * What is loaded by `import()`, in groups: each is loaded as a whole. A file's imports that several
 * groups share lie in a file for just those groups, so few groups make few files.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const groups = {
  start: ['src/process.ts'],
  context: ['src/open-context.ts'],
  plans: [
    ...commands('plan', 'apply', 'apply-saved', 'destroy', 'validate', 'status', 'explain'),
    'src/cli/jail-drift.ts',
  ],
  others: [
    ...commands('init', 'import', 'import-adopt', 'import-ini', 'setup', 'doctor', 'observe'),
    ...commands('rehearse', 'complete'),
    'src/cli/observation.ts',
  ],
  changes: host('executor', 'journal'),
  hosts: host('throwaway', 'package-manager'),
  runs: [...commands('exec'), ...host('run/host-runs')],
  batches: [...commands('exec-batch', 'exec-print'), ...host('input')],
  attacks: [
    ...commands('verify', 'verify-list', 'mutate'),
    ...host('verify/verify-host', 'verify/place-helper', 'verify/keep-times', 'verify/turn'),
    ...host('verify/mutate'),
    ...['src/verify/probes.ts', 'src/verify/probe.ts'],
  ],
  views: ['progress', 'batch-progress', 'verify-progress'].map((name) => `src/cli/${name}.ts`),
};

/**
 * What is loaded before a group wherever that is: what these share lies in no file of its own.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const before = {
  start: [],
  context: ['start'],
  batches: ['start', 'context', 'runs'],
  attacks: ['start', 'context', 'runs'],
  others: ['start', 'context', 'plans'],
  changes: ['start', 'context', 'plans'],
};

/** @type {ReadonlyMap<string, string>} */
const groupOf = new Map(
  Object.entries(groups).flatMap(([group, files]) =>
    files.map((file) => /** @type {const} */ ([file, group])),
  ),
);

/** Of a group, or of a package. @param {string} name */
function importsBefore(name) {
  const groupsBefore = before[name] ?? ['start', 'context'];
  const files = groupsBefore.flatMap((group) => groups[group] ?? []);
  return files.map((file) => `import '${root}/${file}';`);
}

/** @type {Plugin} */
export const grouped = {
  name: 'groups',
  setup(build) {
    build.onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = relative(root, resolve(resolveDir, path));
      const group = groupOf.get(file);
      if (group !== undefined) return { path: group, namespace: 'group' };
      return {
        errors: [{ text: `${file} is in no group: put it into one in scripts/chunks.mjs` }],
      };
    });
    build.onLoad({ filter: /.*/, namespace: 'group' }, ({ path: group }) => ({
      contents: [
        ...importsBefore(group),
        ...(groups[group] ?? []).map((file) => `export * from '${root}/${file}';`),
      ].join('\n'),
      resolveDir: root,
    }));
    build.onResolve({ filter: /^[a-z]/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      if (isBuiltin(path)) return { path, external: true };
      return { path, namespace: 'package', pluginData: resolveDir };
    });
    build.onLoad({ filter: /.*/, namespace: 'package' }, ({ path, pluginData: resolveDir }) => ({
      contents: [
        ...importsBefore(path),
        `export * from '${path}';`,
        `import * as whole from '${path}';`,
        `export default Reflect.get(whole, 'default');`,
      ].join('\n'),
      resolveDir,
    }));
  },
};

/** Of `module.exports`: to have it at once costs nothing, or it is a class that others extend. */
const whole = ['assert', 'events', 'module', 'process', 'stream'];

/** @param {string} name */
const its = (name) => `process.getBuiltinModule(${JSON.stringify(`node:${name}`)})`;

/** @param {string} name */
function lazyText(name) {
  if (whole.includes(name)) return `module.exports = ${its(name)};`;
  return `
    for (const name of ${JSON.stringify(Object.keys(process.getBuiltinModule(name)))}) {
      Object.defineProperty(exports, name, { get: () => ${its(name)}[name], enumerable: true });
    }`;
}

/** Names that nothing imports are left out: to ask for one may load something. @param {string} name */
function eagerText(name) {
  const names = Object.keys(process.getBuiltinModule(name)).filter((key) => key !== 'default');
  return [
    `const it = ${its(name)};`,
    'const get = (name) => it[name];',
    'export default it;',
    ...names.map((key) => `export const ${key} = /* @__PURE__ */ get('${key}');`),
  ].join('\n');
}

/**
 * For each module of its own that is imported by `import`, Node makes a module of names, and asks
 * for all of them: which loads what those stand for, like the streams and the watchers of node:fs.
 * `process.getBuiltinModule` does not. What packages import is loaded by its first use: commander
 * imports node:child_process, and jailctl has no use of it there.
 * @type {Plugin}
 */
export const builtins = {
  name: 'builtins',
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, ({ path, importer }) => {
      if (!isBuiltin(path)) return undefined;
      const name = path.replace(/^node:/, '');
      const inPackage = importer.includes('/node_modules/');
      return { path: name, namespace: inPackage ? 'lazy-builtin' : 'builtin' };
    });
    build.onLoad({ filter: /.*/, namespace: 'lazy-builtin' }, ({ path }) => ({
      contents: lazyText(path),
    }));
    build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: eagerText(path),
    }));
  },
};
