// `npm test [-- ARGUMENTS OF VITEST]`: brings what is missing, builds, and runs every test.
import { build } from './build.mjs';
import { prepareHost, prepareNodePackages } from './prepare.mjs';
import { root, runNode, ScriptError, script } from './project.mjs';

await script(async () => {
  if (process.geteuid?.() !== 0) {
    throw new ScriptError('the tests make throwaway hosts, which needs root: sudo npm test', 7);
  }
  prepareNodePackages();
  prepareHost('test');
  await build();
  return runNode([`${root}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)]);
});
