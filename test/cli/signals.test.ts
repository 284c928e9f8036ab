import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

const signalsModule = new URL('../../src/cli/signals.ts', import.meta.url).href;

/** A process that ends its work at the first signal, and is then still busy with its end. */
const program = `
  import { interruptSignal } from ${JSON.stringify(signalsModule)};
  const context = { output: { notice: (text) => process.stderr.write(text) } };
  {
    using interrupt = interruptSignal(context, 'ending');
    const ended = new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
    process.stdout.write('working\\n');
    const busy = setInterval(() => {}, 1000);
    await ended;
    clearInterval(busy);
  }
  process.stdout.write('cleaning up\\n');
  setInterval(() => {}, 1000);
`;

describe('a signal that comes', () => {
  test.for([
    ['SIGTERM', 143],
    ['SIGINT', 130],
    ['SIGHUP', 130],
  ] as const)(
    'as the second %s after the end of the work is exit code %d',
    async ([signal, code]) => {
      const running = execa(process.execPath, ['--input-type=module', '--eval', program], {
        reject: false,
        timeout: 20_000,
      });
      for await (const line of running) {
        if (line === 'working' || line === 'cleaning up') running.kill(signal);
      }
      const { exitCode, stderr } = await running;
      expect({ exitCode, stderr: stderr.trim() }).toEqual({
        exitCode: code,
        stderr: `${signal}: ending; once more ends at once`,
      });
    },
  );
});
