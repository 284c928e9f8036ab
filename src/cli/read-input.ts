import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import type { Context } from './context.ts';

/** The text of a file. @throws Failure with exit code 3 when it can't be read, or is in a jail */
export async function readInput(context: Context, file: string): Promise<string> {
  const stream = await context.openInput(file);
  try {
    const { text } = await import('node:stream/consumers');
    return await text(stream);
  } catch (cause) {
    throw new Failure(`${file} can't be read`, { exitCode: exitCode.usage, cause });
  }
}
