import { join, resolve } from 'node:path';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { Context } from '../context.ts';

const schemaFile = 'schemas/jails.schema.json';

/** What a new project gets: the example, the requirement files it can name, and the schema. */
function starterFiles(context: Context): readonly string[] {
  const requirements = context.reader.list(join(context.packageRoot, 'requirements')) ?? [];
  return ['jails.yaml', schemaFile, ...requirements.map((name) => `requirements/${name}`)];
}

/**
 * Writes an example manifest with what it names into a directory.
 * @throws Failure with exit code 4 when one of the files is there already: nothing is written then
 */
export async function initCommand(context: Context, directory: string): Promise<ExitCode> {
  const target = resolve(context.workingDirectory, directory);
  const files = starterFiles(context);
  const present = files.filter((file) => context.reader.lstat(join(target, file)) !== undefined);
  if (present.length > 0) {
    throw new Failure(`${present.join(', ')} would be overwritten, so nothing was written`, {
      exitCode: exitCode.refused,
      hint: 'choose an empty directory: jailctl init DIRECTORY',
    });
  }
  for (const file of files) {
    const text = context.reader.readText(join(context.packageRoot, file));
    if (text === undefined) throw new Failure(`this installation of jailctl lacks ${file}`);
    context.createFile(join(target, file), text);
    context.output.result(`${join(directory, file)}\n`);
  }
  context.output.notice('next: look at jails.yaml, then: sudo jailctl plan\n');
  return exitCode.done;
}
