import type { ErrorObject } from 'ajv';
import validate from '../model/validators/jails.cjs';

/**
 * What the JSON Schema has against a value; empty where it has nothing. Each error carries the value
 * and the schema that refused it.
 */
export function schemaErrors(value: unknown): readonly ErrorObject[] {
  return validate(value) ? [] : (validate.errors ?? []);
}
