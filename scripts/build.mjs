// Bundles src/main.ts and src/library.ts into dist/, so that they need no node_modules, and compiles
// the programs of native/, which need no library. Then writes the types. `node scripts/build.mjs`
import { chmodSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hasProgram, prepareNodePackages } from './prepare.mjs';
import { isMain, must, pinnedNode, root, ScriptError, script } from './project.mjs';

/** @param {string} path @returns {number} 0 where there is no such file */
const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * The programs in C, with their sources in native/.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const nativePrograms = {
  'jailctl-init': ['init.c', 'requests.c', 'requests.h'],
  'jailctl-launch': ['launch.c'],
  'jailctl-sweep': ['sweep.c'],
  'jailctl-probe': [
    ...['files.c', 'files.h', 'files-tree.c', 'files-audit.c', 'files-pass.c', 'files-kernel.c'],
    ...['main.c', 'say.c', 'util.c', 'probe.h', 'processes.c', 'privilege.c'],
    ...['network.c', 'network.h', 'network-endpoint.c', 'network-reach.c'],
    ...['privilege-calls.c', 'privilege.h'],
    ...['resources.c', 'resources.h', 'resources-memory.c', 'resources-files.c'],
    ...['resources-kernel.c', 'leaks.c', 'terminal.c'],
    ...['processes.h', 'processes-trace.c', 'processes-linger.c', 'processes-rights.c'],
  ].map((name) => `probe/${name}`),
};

/**
 * Compiles a program. Static, because a jail need not have a C library. musl makes it twenty times
 * smaller than glibc. Where there is no compiler, one that was built before serves.
 * @param {string} name @param {readonly string[]} files
 */
function compile(name, files) {
  const target = `${root}/dist/${name}`;
  const sources = files.map((file) => `${root}/native/${file}`);
  if (modifiedMs(target) > Math.max(...sources.map(modifiedMs))) return;
  const compiler = ['musl-gcc', 'cc', 'gcc'].find(hasProgram);
  if (compiler === undefined) {
    if (modifiedMs(target) > 0) return;
    throw new ScriptError('no C compiler: apt-get install gcc libc6-dev', 7);
  }
  const fresh = `${target}.${process.pid}`;
  const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  const units = sources.filter((path) => path.endsWith('.c'));
  must(compiler, ['-std=gnu11', '-static', '-Os', '-s', ...warnings, '-o', fresh, ...units]);
  // In one step: a run may be using the old one.
  renameSync(fresh, target);
}

/**
 * Every output lies in dist/ itself, so that `new URL('../jails.yaml', import.meta.url)` in
 * src/main.ts names the same file before and after bundling.
 * @param {Record<string, string>} entryPoints what shares files with one another
 * @param {readonly import('esbuild').Plugin[]} plugins
 * @returns {Promise<readonly string[]>} the files, by their paths from the root
 */
async function bundle(entryPoints, plugins) {
  const esbuild = await import('esbuild');
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints,
    outdir: `${root}/dist`,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    // Where a package has both, the ES modules: they can be cut to what is used.
    mainFields: ['module', 'main'],
    chunkNames: '[name]-[hash]',
    sourcemap: true,
    metafile: true,
    legalComments: 'eof',
    logLevel: 'warning',
    plugins: [...plugins],
  });
  return Object.keys(metafile.outputs);
}

/** Bundles the sources, and compiles the native programs. */
export async function build() {
  prepareNodePackages();
  const { builtins, grouped } = await import('./chunks.mjs');
  const directory = `${root}/dist`;
  const outputs = [
    await bundle({ jailctl: 'src/main.ts' }, [grouped, builtins]),
    // In no process are two of these.
    await bundle({ library: 'src/library.ts' }, [builtins]),
    await bundle({ 'weak-runtime': 'src/host/verify/weak-runtime.ts' }, [builtins]),
  ].flat();
  chmodSync(`${directory}/jailctl.js`, 0o755);
  for (const [name, files] of Object.entries(nativePrograms)) compile(name, files);
  const kept = [...Object.keys(nativePrograms), 'types', 'man'];
  // What an earlier build left goes last, so that a jailctl can run during a build.
  for (const name of readdirSync(directory)) {
    if (kept.includes(name) || outputs.includes(`dist/${name}`)) continue;
    rmSync(`${directory}/${name}`, { recursive: true });
  }
}

/** Writes the types of the library into dist/types, for those who import it. */
function buildTypes() {
  rmSync(`${root}/dist/types`, { recursive: true, force: true });
  must(`${root}/node_modules/.bin/tsc`, ['--project', `${root}/scripts/tsconfig.types.json`]);
}

/** Writes the man pages into dist/man. They come from the sources, so the Node that runs these. */
function buildManPages() {
  rmSync(`${root}/dist/man`, { recursive: true, force: true });
  must(pinnedNode, [`${root}/scripts/man.ts`]);
}

if (isMain(import.meta.url)) {
  await script(async () => {
    await build();
    buildTypes();
    buildManPages();
  });
}
