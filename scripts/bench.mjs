// `npm run bench [-- ARGUMENTS OF bench/main.ts]`: brings what is missing, builds, and measures what
// jailctl costs, beside other ways to do the same.
import { build } from './build.mjs';
import { prepareHost, prepareNodePackages } from './prepare.mjs';
import { root, runNode, ScriptError, script } from './project.mjs';

await script(async () => {
  if (process.geteuid?.() !== 0) {
    throw new ScriptError('it makes a throwaway host, which needs root: sudo npm run bench', 7);
  }
  prepareNodePackages();
  prepareHost('bench');
  await build();
  return runNode([`${root}/bench/main.ts`, ...process.argv.slice(2)]);
});
