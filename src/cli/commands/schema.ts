import { join } from 'node:path';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { Context } from '../context.ts';

/** Each document that has a schema, by the name that the command takes. */
const fileOf = {
  manifest: 'jails.schema.json',
  plan: 'plan.schema.json',
  events: 'events.schema.json',
  error: 'error.schema.json',
  explain: 'explain.schema.json',
  validation: 'validation.schema.json',
  'run-result': 'run-result.schema.json',
  job: 'job.schema.json',
  verify: 'verify.schema.json',
  doctor: 'doctor.schema.json',
  setup: 'setup.schema.json',
  'saved-plan': 'saved-plan.schema.json',
  observation: 'observation.schema.json',
  import: 'import.schema.json',
  status: 'status.schema.json',
} as const;

export type SchemaName = keyof typeof fileOf;

export const schemaNames = Object.keys(fileOf) as readonly SchemaName[];

/** Prints a JSON Schema (draft-07). */
export function schemaCommand(context: Context, name: SchemaName): ExitCode {
  const text = context.reader.readText(join(context.packageRoot, 'schemas', fileOf[name]));
  if (text === undefined) throw new Failure(`this installation of jailctl lacks ${fileOf[name]}`);
  context.output.result(text);
  return exitCode.done;
}
