import { Composer, type CST, Lexer, Parser } from 'yaml';
import type { Diagnostic } from '../model/diagnostic.ts';
import { printable } from '../model/printable.ts';
import { depthMax, type ReadTree, readTree } from './manifest-tree.ts';
import type { Source, Span } from './source.ts';
import { syntaxDiagnostics } from './yaml-syntax.ts';

const fileCharactersMax = 1024 * 1024;

/** What YAML 1.2 section 5.1 does not allow in a file, but for lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const notYaml = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ufffd]/;

/**
 * The parser composes nodes by recursion and dies of a RangeError where they are nested deeply
 * (measured with 10,000 levels), so depth is counted before, on its stack of open tokens: one for
 * each level, one for the document, one for the text in the innermost.
 */
const openTokensMax = depthMax + 2;

/**
 * Reads a text as one YAML 1.2 document with the core schema: no tags that make objects, no second
 * document, no nesting beyond what a manifest needs.
 */
export function readYaml(source: Source): ReadTree {
  const unreadable = unreadableText(source);
  if (unreadable !== undefined) return fatal([unreadable]);
  const tokens = tokenize(source);
  if (!Array.isArray(tokens)) return fatal([tokens]);
  const documents = [
    ...new Composer({
      schema: 'core',
      resolveKnownTags: false,
      prettyErrors: false,
      // Found by readTree: the parser compares each key with each, which takes minutes for 1 MiB.
      uniqueKeys: false,
      logLevel: 'silent',
    }).compose(tokens, true, source.text.length),
  ];
  const syntax = syntaxDiagnostics(
    source,
    documents.flatMap((document) => [...document.errors, ...document.warnings]),
  );
  if (syntax.length > 0) return fatal(syntax);
  const [document] = documents;
  if (documents.length > 1) return fatal([secondDocument(source, tokens)]);
  if (document?.contents === undefined || document.contents === null) {
    return fatal([
      at(
        source,
        { start: 0, end: 1 },
        'empty',
        'the manifest is empty',
        '`jailctl init` writes one to start from',
      ),
    ]);
  }
  return readTree(source, document.contents);
}

function fatal(diagnostics: readonly Diagnostic[]): ReadTree {
  return { tree: undefined, diagnostics };
}

function at(source: Source, span: Span, code: string, message: string, hint?: string): Diagnostic {
  return { code, message, ...(hint !== undefined && { hint }), at: source.locate(span) };
}

function unreadableText(source: Source): Diagnostic | undefined {
  const { text } = source;
  if (text.length > fileCharactersMax) {
    return at(
      source,
      { start: 0, end: 1 },
      'too-large',
      'the manifest has more than 1 MiB',
      'is this the right file?',
    );
  }
  const start = text.search(notYaml);
  if (start === -1) return undefined;
  const character =
    text[start] === '\ufffd'
      ? 'something that is not UTF-8'
      : `the character ${printable(text[start] ?? '')}`;
  return at(
    source,
    { start, end: start + 1 },
    'not-text',
    `${character} stands here, which no YAML file may have`,
    'is this the right file? It must be text in UTF-8',
  );
}

/** The tokens of the text, or where it is nested too deeply. */
function tokenize(source: Source): CST.Token[] | Diagnostic {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  for (const lexeme of new Lexer().lex(source.text)) {
    const start = parser.offset;
    for (const token of parser.next(lexeme)) tokens.push(token);
    if (parser.stack.length > openTokensMax) {
      return at(
        source,
        { start, end: start + 1 },
        'too-deep',
        `the manifest is nested too deeply here: more than ${depthMax} levels`,
        'a manifest needs 7 levels',
      );
    }
  }
  for (const token of parser.end()) tokens.push(token);
  return tokens;
}

function secondDocument(source: Source, tokens: readonly CST.Token[]): Diagnostic {
  const start = tokens.filter(({ type }) => type === 'document')[1]?.offset ?? 0;
  return at(
    source,
    { start, end: start + 3 },
    'second-document',
    'a second document starts here, and a manifest is one',
    'put its jails into the first, or into a file of its own',
  );
}
