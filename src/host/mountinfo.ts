/** Space, tab, newline and backslash are written as three octal digits (proc_pid_mountinfo(5)). */
export function unescapePath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
