// `npm run test:faults [-- ARGUMENTS OF VITEST]`: kills jailctl at every system call that changes the
// host, and lets every one of them fail. JAILCTL_FAULTS=50 tries so many of each operation only.
import { build } from './build.mjs';
import { prepareHost, prepareNodePackages } from './prepare.mjs';
import { root, runNode, ScriptError, script } from './project.mjs';

await script(async () => {
  if (process.geteuid?.() !== 0) {
    throw new ScriptError(
      'it makes throwaway hosts, which needs root: sudo npm run test:faults',
      7,
    );
  }
  prepareNodePackages();
  prepareHost('test');
  await build();
  process.env.JAILCTL_FAULTS ??= 'all';
  const vitest = `${root}/node_modules/vitest/vitest.mjs`;
  return runNode([vitest, 'run', 'test/faults', ...process.argv.slice(2)]);
});
