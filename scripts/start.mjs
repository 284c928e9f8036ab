// `npm start`: shows jailctl at work, on a throwaway copy of this host.
import { build } from './build.mjs';
import { prepareHost, prepareNodePackages } from './prepare.mjs';
import { root, runNode, ScriptError, script } from './project.mjs';

await script(async () => {
  if (process.geteuid?.() !== 0) {
    throw new ScriptError('the demo makes a throwaway host, which needs root: sudo npm start', 7);
  }
  prepareNodePackages();
  prepareHost('demo');
  await build();
  // From here on by the Node that runs TypeScript.
  return runNode([`${root}/scripts/demo.ts`]);
});
