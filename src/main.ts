#!/usr/bin/env node
/** Older ones lack what the libraries inside need; their own complaint would help nobody. */
const nodeVersionMin = [22, 15] as const;

/** Of a missing privilege or host tool (model/exit-code.ts). */
const missing = 7;

function isOldNode(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  return major < majorMin || (major === majorMin && minor < minorMin);
}

// Everything else is loaded after this check.
if (isOldNode()) {
  process.stderr.write(
    `jailctl: it needs Node ${nodeVersionMin.join('.')} or later, and this is ${process.versions.node}\n` +
      '  hint: in a clone of jailctl, node_modules/.bin/node is new enough\n',
  );
  process.exitCode = missing;
} else {
  const { start } = await import('./process.ts');
  await start(import.meta.filename);
}
