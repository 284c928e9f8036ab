/**
 * `npm run picture`: draws docs/apply.svg, which README shows: a real `jailctl apply` of jails.yaml on a
 * throwaway host, on a terminal of 80 columns, as a terminal emulator shows it at the end.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import xterm from '@xterm/headless';
import { createThrowawayHost } from '../src/host/throwaway.ts';

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');

const columns = 80;
const rowsMax = 200;

/** Of a character and a line, in the units of the picture. */
const cell = { width: 8.4, height: 18 };
const margin = 12;

/** Of a dark terminal: the sixteen colours of ECMA-48 that jailctl uses some of. */
const palette = [
  '#484f58',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#b1bac4',
];
const text = '#e6edf3';
const background = '#0d1117';

/** Starts jailctl on a terminal, types `yes` at its question, and passes on all that is shown. */
const terminal = `
import fcntl, os, pty, struct, sys, termios
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', ${rowsMax}, ${columns}, 0, 0))
    os.execvp('jailctl', ['jailctl', 'apply'])
shown = b''
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    sys.stdout.buffer.write(piece)
    before, shown = shown, shown + piece
    if b'is a yes: ' in shown and b'is a yes: ' not in before:
        os.write(terminal, b'yes\\n')
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

async function record(): Promise<string> {
  await using host = await createThrowawayHost({ cgroups: true });
  const command = `#!/bin/sh\\nexec "${process.execPath}" "${root}/dist/jailctl.js" "$@"\\n`;
  const script = `printf '${command}' >/usr/local/bin/jailctl; chmod 0755 /usr/local/bin/jailctl; cd '${root}'
    exec python3 -c "$1"`;
  const env = { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', TERM: 'xterm-256color' };
  const { exitCode, stdout, stderr } = await host.run(['sh', '-c', script, 'sh', terminal], {
    env,
  });
  if (exitCode !== 0) throw new Error(`apply exits with ${exitCode}: ${stdout}${stderr}`);
  return stdout;
}

const escaped = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

interface Run {
  readonly column: number;
  readonly fill: string;
  readonly isBold: boolean;
  text: string;
}

/** The characters of one line, those that look alike together. */
function runsOf(line: xterm.IBufferLine | undefined): readonly Run[] {
  const runs: Run[] = [];
  for (let column = 0; column < columns; column++) {
    const at = line?.getCell(column);
    const shown = at?.getChars() || ' ';
    const coloured = at?.isFgPalette() === true ? palette[at.getFgColor() % palette.length] : text;
    const fill = at?.isDim() ? palette[7] : coloured;
    const isBold = (at?.isBold() ?? 0) !== 0;
    const last = runs.at(-1);
    if (last?.fill === fill && last?.isBold === isBold) last.text += shown;
    else runs.push({ column, fill: fill as string, isBold, text: shown });
  }
  return runs
    .map((run) => {
      const column = run.column + run.text.length - run.text.trimStart().length;
      return { ...run, column, text: run.text.trim() };
    })
    .filter((run) => run.text !== '');
}

/** What stands on the screen of a terminal to which `output` was written. */
async function screenOf(output: string): Promise<readonly (readonly Run[])[]> {
  const emulator = new xterm.Terminal({ cols: columns, rows: rowsMax, allowProposedApi: true });
  await new Promise<void>((resolve) => emulator.write(output, resolve));
  const lines = Array.from({ length: rowsMax }, (_, row) =>
    runsOf(emulator.buffer.active.getLine(row)),
  );
  emulator.dispose();
  return lines.slice(0, lines.findLastIndex((runs) => runs.length > 0) + 1);
}

function draw(lines: readonly (readonly Run[])[]): string {
  const width = Math.ceil(columns * cell.width + 2 * margin);
  const height = (lines.length + 1) * cell.height + 2 * margin;
  const prompt: readonly Run[] = [{ column: 0, fill: text, isBold: true, text: '# jailctl apply' }];
  const rows = [prompt, ...lines].flatMap((runs, row) =>
    runs.map((run) => {
      const x = (margin + run.column * cell.width).toFixed(1);
      const y = margin + (row + 1) * cell.height - 5;
      const weight = run.isBold ? ' font-weight="bold"' : '';
      const length = (run.text.length * cell.width).toFixed(1);
      return `<text x="${x}" y="${y}" fill="${run.fill}"${weight} textLength="${length}">${escaped(run.text)}</text>`;
    }),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<title>jailctl apply shows what it will do, asks, and does it</title>
<rect width="100%" height="100%" rx="8" fill="${background}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14">
${rows.join('\n')}
</g>
</svg>
`;
}

writeFileSync(`${root}/docs/apply.svg`, draw(await screenOf(await record())));
