import type { ValidateFunction } from 'ajv';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { quote } from '../model/problem.ts';

/** What a file must be to be read as a document of jailctl's. */
export interface DocumentForm {
  readonly file: string;
  readonly text: string;
  /** Its field `type`. */
  readonly type: string;
  /** For a person: `a saved plan of jailctl`. */
  readonly what: string;
  /** The only one that is read. */
  readonly formatVersion: string;
  /** Of its schema. */
  readonly validate: ValidateFunction;
  /** How to get a good one. */
  readonly again: string;
}

/** Says what is wrong with a file, and where in it. */
export function badDocument({ file, again }: DocumentForm, message: string): Failure {
  return new Failure(`${file} ${message}`, { exitCode: exitCode.usage, hint: again });
}

/** V8 says `… in JSON at position 17 (line 1 column 18)`, and of a text that just ends, nothing. */
function syntaxMessage(text: string, error: SyntaxError): string {
  const position = /at position (\d+)/.exec(error.message)?.[1];
  const end = position === undefined ? text.length : Number(position);
  const before = text.slice(0, end).split('\n');
  const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
  return end >= text.trimEnd().length
    ? `is cut off: it ends at ${place}, in the middle of its JSON`
    : `is damaged: at ${place} it is no JSON`;
}

function parse(form: DocumentForm): unknown {
  try {
    return JSON.parse(form.text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badDocument(form, syntaxMessage(form.text, error));
  }
}

/**
 * Reads a JSON document that jailctl has written.
 * @throws Failure with exit code 3 that says what is wrong with it, and where
 */
export function readDocument(form: DocumentForm): Record<string, unknown> {
  const document = parse(form);
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
  const { type, format_version: version } = (isObject ? document : {}) as Record<string, unknown>;
  if (type !== form.type) throw badDocument(form, `is not ${form.what}`);
  if (typeof version === 'string' && version !== form.formatVersion) {
    throw badDocument(
      form,
      `has the form ${quote(version)}, and this jailctl reads ${form.formatVersion} only`,
    );
  }
  const { validate } = form;
  if (!validate(document)) {
    const [error] = validate.errors ?? [];
    const place = error?.instancePath === '' ? 'its top level' : quote(error?.instancePath ?? '');
    const field = Object.values(error?.params ?? {}).find((one) => typeof one === 'string');
    const named =
      error?.message?.includes(String(field)) === false ? ` (${quote(String(field))})` : '';
    throw badDocument(form, `is damaged: ${place} ${error?.message}${named}`);
  }
  return document as Record<string, unknown>;
}
