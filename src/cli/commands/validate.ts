import { closuresOf } from '../../desired/state.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import type { Manifest } from '../../model/manifest.ts';
import { plural } from '../../model/numbers.ts';
import { jsonText } from '../../report/json-text.ts';
import type { Context } from '../context.ts';
import { ManifestError } from '../manifest-error.ts';
import type { CommonOptions } from '../options.ts';
import { checkAgainstHost, readManifest } from '../prepare.ts';

/** Everything that can be checked; accounts and jails on the host are seen by root only. */
function check(context: Context, manifest: Manifest): void {
  if (context.isRoot) {
    checkAgainstHost(context, manifest);
    return;
  }
  const closures = closuresOf(context.reader, manifest.jails).values();
  const diagnostics = [...new Set([...closures].flatMap((closure) => closure.diagnostics))];
  if (diagnostics.length > 0) throw new ManifestError(diagnostics);
}

/**
 * Checks a manifest, its requirement files, and that this host has the tools.
 * @throws ManifestError with every mistake
 */
export function validateCommand(context: Context, options: CommonOptions): ExitCode {
  const manifest = readManifest(context, options.file);
  check(context, manifest);
  if (options.json === true) {
    context.output.result(jsonText({ format_version: '1.0', valid: true, diagnostics: [] }, 2));
    return exitCode.done;
  }
  const users = manifest.jails.reduce((sum, jail) => sum + jail.users, 0);
  const counts = `${plural(manifest.jails.length, 'jail')} with ${plural(users, 'user')}`;
  context.output.result(`${manifest.file} is valid: ${counts}\n`);
  if (!context.isRoot) {
    context.output.notice(
      'not checked: accounts and jails of this host, which only root can see\n',
    );
  }
  return exitCode.done;
}
