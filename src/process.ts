import { fileURLToPath } from 'node:url';
import type { Output } from './cli/context.ts';
import { run } from './cli/run.ts';
import { hostReader } from './host/reader.ts';

const packageRoot = fileURLToPath(new URL('..', import.meta.url));

/** What a stream says when its reader or its terminal has gone. */
const goneCodes = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

/**
 * A reader that went away (`jailctl apply | head`) must not stop an apply half-way: the rest of the
 * output is lost, the work goes on.
 */
function surviveGoneReader(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!goneCodes.includes(error.code ?? '')) throw error;
  });
}

/** The streams of this process. To open one loads much of Node, so each is opened by its first use. */
class ProcessOutput implements Output {
  #resultStream: NodeJS.WriteStream | undefined;
  #noticeStream: NodeJS.WriteStream | undefined;

  get resultStream(): NodeJS.WriteStream {
    this.#resultStream ??= surviveGoneReader(process.stdout);
    return this.#resultStream;
  }

  get noticeStream(): NodeJS.WriteStream {
    this.#noticeStream ??= surviveGoneReader(process.stderr);
    return this.#noticeStream;
  }

  result(text: string): void {
    this.resultStream.write(text);
  }

  notice(text: string): void {
    this.noticeStream.write(text);
  }

  /** @returns resolves when all has been taken, or nobody takes it any more */
  async flush(): Promise<void> {
    for (const stream of [this.#resultStream, this.#noticeStream]) {
      if (stream === undefined) continue;
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
    }
  }
}

/**
 * Runs the command line of this process.
 * @param script the file that Node was started with, to start jailctl again elsewhere
 */
export async function start(script: string): Promise<void> {
  const text = hostReader.readText(`${packageRoot}/package.json`) ?? '{}';
  const { version } = JSON.parse(text) as { readonly version: string };
  const output = new ProcessOutput();
  const openContext = async () =>
    (await import('./open-context.ts')).openContext({ output, version, script, packageRoot });
  const jailctl = { version, output, openContext };
  const code = await run(jailctl, process.argv.slice(2), process.env);
  await output.flush();
  // Without it, Node first takes its heap apart, which takes as long as many a command.
  process.exit(code);
}
