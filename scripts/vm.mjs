// `npm run test:vm [-- ARGUMENTS OF VITEST]`: boots a Debian guest with jailctl in it, several times.
// The guest is made of Debian's packages, which are fetched once, and emulated: no KVM is needed.
import { build } from './build.mjs';
import { prepareHost, prepareNodePackages } from './prepare.mjs';
import { root, runNode, ScriptError, script } from './project.mjs';

await script(async () => {
  if (process.geteuid?.() !== 0) {
    throw new ScriptError(
      'it makes the disk of a guest, which needs root: sudo npm run test:vm',
      7,
    );
  }
  prepareNodePackages();
  prepareHost('vm');
  await build();
  const vitest = `${root}/node_modules/vitest/vitest.mjs`;
  return runNode([vitest, 'run', '--config', 'test/vm/vitest.config.ts', ...process.argv.slice(2)]);
});
