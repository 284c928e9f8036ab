import { join, resolve } from 'node:path';
import { jailkitSectionNames } from '../../desired/closure/jailkit.ts';
import { requirementTexts, sectionsNamed } from '../../import/jailkit-ini.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { nearestNames } from '../../model/nearest.ts';
import type { Context } from '../context.ts';
import type { ImportOptions } from './import.ts';

/**
 * Writes requirement files for sections of a jk_init.ini: to stdout, or each to a directory.
 * @param names of sections; all where there is none
 */
export function importIni(
  context: Context,
  names: readonly string[],
  { ini = '', out }: ImportOptions,
): ExitCode {
  const { reader, workingDirectory } = context;
  const usage = (message: string, hint: string): never => {
    throw new Failure(message, { exitCode: exitCode.usage, hint });
  };
  const text =
    reader.readText(resolve(workingDirectory, ini)) ??
    usage(`there is no file ${ini}`, "Jailkit's own is /etc/jailkit/jk_init.ini");
  const { found, missing } = sectionsNamed(text, names);
  if (missing !== undefined) {
    const all = jailkitSectionNames(text);
    const near = nearestNames(missing, all);
    usage(
      `${ini} has no section ${missing}`,
      `sections: ${(near.length > 0 ? near : all).join(', ') || 'none'}`,
    );
  }
  if (found.length === 0) usage(`${ini} has no section`, 'a section starts with its [name]');
  const files = requirementTexts(reader, text, found);
  if (out === undefined) {
    context.output.result(files.map((file) => file.text).join('\n'));
    return exitCode.done;
  }
  const target = resolve(workingDirectory, out);
  const present = files.filter(({ file }) => reader.lstat(join(target, file)) !== undefined);
  if (present.length > 0) {
    const which = present.map(({ file }) => join(out, file)).join(', ');
    throw new Failure(`${which} would be overwritten, so nothing was written`, {
      exitCode: exitCode.refused,
      hint: 'choose another directory: --out DIRECTORY',
    });
  }
  for (const { file, text: content } of files) {
    context.createFile(join(target, file), content);
    context.output.result(`${join(out, file)}\n`);
  }
  return exitCode.done;
}
