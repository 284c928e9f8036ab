import { Lexer, type YAMLError } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import type { Source, Span } from './source.ts';

interface SyntaxText {
  readonly message: string;
  readonly hint?: string;
}

/** What each error of the parser means for somebody who doesn't know YAML's grammar. */
const syntaxTexts: Readonly<Partial<Record<YAMLError['code'], SyntaxText>>> = {
  TAB_AS_INDENT: { message: 'a tab is used to indent', hint: 'indent with spaces' },
  BAD_INDENT: {
    message: 'this is indented differently from what it belongs to',
    hint: 'give all keys of a map the same indentation',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a second colon stands in one line',
    hint: 'put quotes around a text with a colon in it',
  },
  BLOCK_IN_FLOW: {
    message: 'a key or an item stands here inside [ ] or { }',
    hint: 'close the bracket before it, or put quotes around a text with a colon in it',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'a key goes over more than one line here',
    hint: 'is a colon missing after it?',
  },
  BAD_SCALAR_START: {
    message: 'no text can start with this character',
    hint: 'put quotes around it',
  },
  BAD_DQ_ESCAPE: {
    message: 'no text in double quotes can have this escape',
    hint: "use single quotes ('), which know no escapes",
  },
  TAG_RESOLVE_FAILED: {
    message: 'a tag stands here, and a manifest has none',
    hint: 'leave it out, or put quotes around a text that starts with !',
  },
};

/** Errors that say nothing about what comes after them. After any other, the rest is noise. */
const localErrors: ReadonlySet<YAMLError['code']> = new Set([
  'TAB_AS_INDENT',
  'BAD_SCALAR_START',
  'BAD_DQ_ESCAPE',
  'TAG_RESOLVE_FAILED',
]);

/** What the YAML parser has against a text, in words, without what only follows from the first. */
export function syntaxDiagnostics(
  source: Source,
  errors: readonly YAMLError[],
): readonly Diagnostic[] {
  const sorted = [...errors].sort((a, b) => a.pos[0] - b.pos[0]);
  const firstStructural = sorted.findIndex((error) => !localErrors.has(error.code));
  const told = firstStructural === -1 ? sorted : sorted.slice(0, firstStructural + 1);
  return told.map((error) => {
    const isOpenQuote = error.code === 'MISSING_CHAR' && error.message.endsWith('quote');
    const span = isOpenQuote ? lastQuote(source.text) : { start: error.pos[0], end: error.pos[1] };
    return { code: 'yaml-syntax', ...syntaxText(error, isOpenQuote), at: source.locate(span) };
  });
}

function syntaxText(error: YAMLError, isOpenQuote: boolean): SyntaxText {
  if (isOpenQuote) return { message: 'the quote that starts here has no end', hint: 'close it' };
  if (error.code === 'BAD_INDENT' && error.message.startsWith('Flow')) {
    return { message: 'a [ or { before this is not closed', hint: 'close it with ] or }' };
  }
  return syntaxTexts[error.code] ?? { message: `this is not YAML: ${error.message}` };
}

/** Where the last text in quotes starts: one without an end goes up to the end of the file. */
function lastQuote(text: string): Span {
  let offset = 0;
  let start = 0;
  for (const lexeme of new Lexer().lex(text)) {
    // One control character marks what comes next, and is not in the text.
    if (['\x02', '\x18', '\x1f'].includes(lexeme)) continue;
    if (/^["']/.test(lexeme)) start = offset;
    offset += lexeme.length;
  }
  return { start, end: text.length };
}
