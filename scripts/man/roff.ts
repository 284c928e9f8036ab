/** Text of one line for man(7): no sign of it means anything to roff, and hyphens can be copied. */
export function plain(text: string): string {
  return (
    text
      .replaceAll('\\', '\\e')
      .replaceAll('-', '\\-')
      .replace(/[^ -~]/gu, (sign) => {
        const code = sign.codePointAt(0) ?? 0;
        return `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`;
      })
      // A key has no place where a line could break.
      .replace(/[A-Za-z0-9+/]{20}(?=[A-Za-z0-9+/]{20})/g, '$&\\:')
      .replace(/^(?=[.'])/, '\\&')
  );
}

/** How long a line of text is in the page's source, at most, where words let it. */
const sourceColumnsMax = 79;

/** Text that is filled: its lines break where a formatter wants. */
export function filled(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && plain(longer).length <= sourceColumnsMax) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.map(plain).join('\n');
}

export function bold(text: string): string {
  return `\\fB${plain(text)}\\fR`;
}

/** An argument of a macro. */
function quoted(text: string): string {
  return `"${plain(text).replaceAll('"', '\\(dq')}"`;
}

export function header(name: string, section: number, version: string, date: string): string {
  const about = section === 1 ? 'User Commands' : 'File Formats';
  return `.TH ${name} ${section} ${date} ${quoted(`jailctl ${version}`)} ${quoted(about)}`;
}

/** A section with its lines of roff. */
export function section(title: string, ...lines: readonly string[]): readonly string[] {
  return [`.SH ${quoted(title)}`, ...lines];
}

export function subsection(title: string, ...lines: readonly string[]): readonly string[] {
  return [`.SS ${quoted(title)}`, ...lines];
}

/** A term, and what there is to say of it. @param term roff */
export function item(term: string, ...lines: readonly string[]): readonly string[] {
  return ['.TP', term, ...lines];
}

export function paragraph(text: string): readonly string[] {
  return ['.PP', filled(text)];
}

/** Lines that are shown as they are, without filling. */
export function verbatim(text: string): readonly string[] {
  const lines = text.trimEnd().split('\n');
  return ['.nf', ...lines.map((line) => (line === '' ? ' ' : plain(line))), '.fi'];
}

export function page(...parts: readonly (string | readonly string[])[]): string {
  return `${parts.flat().join('\n')}\n`;
}
