// Bundles src/main.ts into dist/jailctl.js, which needs no node_modules. `node scripts/build.mjs`
import { chmodSync, readdirSync, rmSync } from 'node:fs';
import { prepareNodePackages } from './prepare.mjs';
import { isMain, root, script } from './project.mjs';

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
  // What an earlier build left goes last, so that a jailctl can run during a build.
  for (const name of readdirSync(directory)) {
    if (!(`dist/${name}` in metafile.outputs)) rmSync(`${directory}/${name}`, { recursive: true });
  }
}

if (isMain(import.meta.url)) await script(build);
