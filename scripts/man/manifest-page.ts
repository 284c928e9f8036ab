import {
  bold,
  filled,
  header,
  item,
  page,
  paragraph,
  section,
  subsection,
  verbatim,
} from './roff.ts';

/** As much of a JSON Schema as the manifest's has. */
export interface Schema {
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly $ref?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly maximum?: number;
}

/** A value on one line, as YAML reads it (JSON is a part of YAML). */
function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, held]) => `${key}: ${inline(held)}`);
  return `{ ${pairs.join(', ')} }`;
}

function fieldText(schema: Schema, field: Schema, isRequired: boolean): string {
  const target = field.$ref?.replace('#/definitions/', '');
  const form = target === undefined ? undefined : schema.definitions?.[target];
  const choices = field.enum ?? form?.enum;
  const range = [
    field.minimum === undefined ? '' : ` At least ${field.minimum}.`,
    field.maximum === undefined ? '' : ` At most ${field.maximum}.`,
  ].join('');
  const [example] = field.examples ?? [];
  return [
    field.description ?? '',
    // A map has a part of its own.
    form === undefined || form.properties !== undefined ? '' : ` ${form.description}`,
    choices === undefined ? '' : ` One of ${choices.join(', ')}.`,
    range,
    isRequired ? ' Required.' : '',
    field.default === undefined ? '' : ` Default: ${inline(field.default)}.`,
    example === undefined ? '' : ` Example: ${inline(example)}`,
  ].join('');
}

function fields(schema: Schema, { properties = {}, required = [] }: Schema): readonly string[] {
  return Object.entries(properties).flatMap(([name, field]) =>
    item(bold(name), filled(fieldText(schema, field, required.includes(name)))),
  );
}

const titles: Readonly<Record<string, string>> = {
  jail: 'A jail',
  limits: 'Limits',
  network: 'The network',
  target: 'A destination in the network',
};

/** Definitions with fields of their own. */
function maps({ definitions = {} }: Schema): readonly (readonly [string, Schema])[] {
  return Object.entries(definitions).filter(([, form]) => form.properties !== undefined);
}

/**
 * jails.yaml(5), from the schema of the manifest.
 * @param example the text of a manifest
 */
export function manifestPage(
  schema: Schema,
  example: string,
  version: string,
  date: string,
): string {
  const { optional_name: layers } = schema.definitions ?? {};
  return page(
    header('JAILS.YAML', 5, version, date),
    section('NAME', `${filled('jails.yaml')} \\- ${filled('the manifest of jailctl')}`),
    section(
      'DESCRIPTION',
      filled(schema.description ?? ''),
      ...paragraph(
        'It is YAML 1.2. A key that is not listed here is a mistake. jailctl validate tells every mistake at once, each with its place; jailctl schema prints the JSON Schema, for editors.',
      ),
    ),
    section(
      'FIELDS',
      ...fields(schema, schema),
      ...subsection('Defaults', ...fields(schema, schema.properties?.['defaults'] ?? {})),
      ...maps(schema).flatMap(([name, form]) =>
        subsection(titles[name] ?? name, filled(form.description ?? ''), ...fields(schema, form)),
      ),
      ...subsection('Layers', filled(`${layers?.description} ${(layers?.enum ?? []).join(', ')}.`)),
    ),
    section('EXAMPLES', ...verbatim(example)),
    section('SEE ALSO', filled('jailctl(1)')),
  );
}
