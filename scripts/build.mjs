// Bundles src/main.ts into dist/jailctl.js, which needs no node_modules, and compiles native/init.c
// into dist/jailctl-init, which needs no library. `node scripts/build.mjs`
import { chmodSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { hasProgram, prepareNodePackages } from './prepare.mjs';
import { isMain, must, root, ScriptError, script } from './project.mjs';

/** @param {string} path @returns {number} 0 where there is no such file */
const modifiedMs = (path) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/**
 * Compiles process 1 of a run. Static, because a jail need not have a C library. musl makes it
 * twenty times smaller than glibc. Where there is no compiler, one that was built before serves.
 */
function buildInit() {
  const [source, target] = [`${root}/native/init.c`, `${root}/dist/jailctl-init`];
  if (modifiedMs(target) > modifiedMs(source)) return;
  const compiler = ['musl-gcc', 'cc', 'gcc'].find(hasProgram);
  if (compiler === undefined) {
    if (modifiedMs(target) > 0) return;
    throw new ScriptError('no C compiler: apt-get install gcc libc6-dev', 7);
  }
  const fresh = `${target}.${process.pid}`;
  const warnings = ['-Wall', '-Wextra', '-Wpedantic', '-Werror'];
  must(compiler, ['-std=gnu11', '-static', '-Os', '-s', ...warnings, '-o', fresh, source]);
  // In one step: a run may be using the old one.
  renameSync(fresh, target);
}

/**
 * Every output lies in dist/ itself, so that `new URL('../jails.yaml', import.meta.url)` in
 * src/main.ts names the same file before and after bundling. What `import()` loads gets a file of
 * its own: a command that does not need it does not pay for it.
 */
export async function build() {
  prepareNodePackages();
  const esbuild = await import('esbuild');
  const directory = `${root}/dist`;
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: { jailctl: 'src/main.ts' },
    outdir: directory,
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
    banner: {
      js: [
        '#!/usr/bin/env node',
        // CommonJS packages inside the bundle call require for the modules of Node.
        "import { createRequire as __createRequire } from 'node:module';",
        'const require = __createRequire(import.meta.url);',
      ].join('\n'),
    },
  });
  chmodSync(`${directory}/jailctl.js`, 0o755);
  buildInit();
  // What an earlier build left goes last, so that a jailctl can run during a build.
  for (const name of readdirSync(directory)) {
    if (name === 'jailctl-init' || `dist/${name}` in metafile.outputs) continue;
    rmSync(`${directory}/${name}`, { recursive: true });
  }
}

if (isMain(import.meta.url)) await script(build);
