import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import schema from '../../schemas/jails.schema.json' with { type: 'json' };

let compiled: ValidateFunction | undefined;

/**
 * What the JSON Schema has against a value; empty where it has nothing. With `verbose`, so that
 * each error carries the value and the schema that refused it.
 */
export function schemaErrors(value: unknown): readonly ErrorObject[] {
  compiled ??= new Ajv({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema);
  return compiled(value) ? [] : (compiled.errors ?? []);
}
