import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import type { Context } from './cli/context.ts';
import { run } from './cli/run.ts';
import { createFile } from './host/create-file.ts';
import { execute } from './host/executor.ts';
import { takeLock } from './host/lock.ts';
import { hostReader } from './host/reader.ts';
import { createThrowawayHost } from './host/throwaway.ts';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = await Promise.race([terminal.question(question), closed]);
  terminal.close();
  return answer;
}

const context: Context = {
  reader: hostReader,
  execute,
  createFile,
  takeLock,
  createThrowawayHost,
  output: {
    result: (text) => process.stdout.write(text),
    notice: (text) => process.stderr.write(text),
    noticeStream: process.stderr,
  },
  isRoot: process.geteuid?.() === 0,
  canAsk: process.stdin.isTTY === true && process.stderr.isTTY === true,
  canDraw: process.stderr.isTTY === true && (process.env['CI'] ?? '') === '',
  self: [process.execPath, fileURLToPath(import.meta.url)],
  packageRoot,
  workingDirectory: process.cwd(),
  now: Date.now,
  ask,
};

const { version } = JSON.parse(hostReader.readText(`${packageRoot}/package.json`) ?? '{}');
process.exitCode = await run(context, version, process.argv.slice(2), process.env);
