import { join } from 'node:path';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { Context } from '../context.ts';

/** The documents that have a schema, by the name that the command takes. */
export const schemaNames = ['manifest', 'plan', 'events', 'error', 'explain'] as const;

const fileOf: Readonly<Record<(typeof schemaNames)[number], string>> = {
  manifest: 'jails.schema.json',
  plan: 'plan.schema.json',
  events: 'events.schema.json',
  error: 'error.schema.json',
  explain: 'explain.schema.json',
};

/** Prints a JSON Schema (draft-07). */
export function schemaCommand(context: Context, name: (typeof schemaNames)[number]): ExitCode {
  const text = context.reader.readText(join(context.packageRoot, 'schemas', fileOf[name]));
  if (text === undefined) throw new Failure(`this installation of jailctl lacks ${fileOf[name]}`);
  context.output.result(text);
  return exitCode.done;
}
