// Runs in a throwaway host that has the jail /jail: runs programs there, one after the other, as
// its argument says (JSON), and prints what was measured and written, one JSON document a line.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { openHostRuns } from '../../src/host/run/host-runs.ts';
import { readMarker } from '../../src/kinds/jail/marker.ts';
import type { EngineName, Limits } from '../../src/model/settings.ts';
import { bundleConfig } from '../../src/run/bundle.ts';
import type { Measurement } from '../../src/run/run-result.ts';
import type { RunSpec } from '../../src/run/run-spec.ts';

/** What a test asks for. */
export interface Request {
  readonly engine: EngineName;
  readonly argv: readonly [string, ...string[]];
  readonly limits?: Partial<Limits>;
  /** How many letters the program is given to read; absent: an empty input. */
  readonly inputBytes?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Abort the run when it has printed something. */
  readonly abort?: boolean;
  /** Take the output only as fast as this many chunks a second. */
  readonly chunksPerSecond?: number;
  /** Abort the run as soon as the host has a file whose path begins so. */
  readonly abortAt?: string;
  readonly home?: RunSpec['home'];
  readonly copyIn?: RunSpec['copyIn'];
  readonly copyOut?: RunSpec['copyOut'];
}

/** What a test gets: of long output, only the beginning. */
export interface Answer extends Measurement {
  readonly stdout: string;
  readonly stderr: string;
  readonly thrown?: { readonly message: string; readonly exitCode: number; readonly hint?: string };
}

const shownCharacters = 10_000;

const defaults: Limits = {
  processes: 8,
  memoryBytes: 64 * 2 ** 20,
  cpuTimeSeconds: 2,
  wallTimeSeconds: 5,
  fileSizeBytes: 2 ** 20,
  openFiles: 64,
  outputBytes: 100_000,
  tmpSizeBytes: 16 * 2 ** 20,
};

function collector(request: Request, onData: () => void) {
  let text = '';
  const delayMs = request.chunksPerSecond === undefined ? 0 : 1000 / request.chunksPerSecond;
  const stream = new Writable({
    write: (chunk, _, done) => {
      text += String(chunk);
      onData();
      if (delayMs === 0) done();
      else setTimeout(done, delayMs);
    },
  });
  return { stream, text: () => text.slice(0, shownCharacters) };
}

async function answer(request: Request): Promise<Answer> {
  const { engine, argv, inputBytes } = request;
  const jail = readMarker(readFileSync('/jail/.jailctl/settings.json', 'utf8'));
  if (jail === undefined) throw new Error('no jail');
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const runs = openHostRuns(engine, root);
  await using lease = await runs.lease(jail.users, undefined);
  const home = `/home/${lease.user.name}`;
  const spec: RunSpec = {
    jail,
    user: lease.user,
    engine,
    argv,
    env: { PATH: '/usr/bin:/bin', HOME: home, ...request.env },
    workingDirectory: home,
    limits: { ...defaults, ...request.limits },
    home: request.home ?? 'keep',
    copyIn: request.copyIn ?? [],
    copyOut: request.copyOut ?? [],
  };
  const config = runs.bundleHost && bundleConfig(spec, runs.bundleHost);
  const controller = new AbortController();
  const watch = setInterval(() => {
    const { abortAt } = request;
    if (abortAt === undefined) return;
    const names = readdirSync(dirname(abortAt));
    if (names.some((one) => one.startsWith(basename(abortAt)))) controller.abort();
  }, 1);
  const onData = () => request.abort === true && controller.abort();
  const [stdout, stderr] = [collector(request, onData), collector(request, onData)];
  const streams = {
    ...(inputBytes === undefined ? {} : { stdin: Readable.from([Buffer.alloc(inputBytes, 'x')]) }),
    stdout: stdout.stream,
    stderr: stderr.stream,
  };
  try {
    const measured = await lease.run(spec, config, streams, controller.signal);
    return { ...measured, stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    const { message, exitCode, hint } = error as Answer['thrown'] & Error;
    const thrown = { message, exitCode, ...(hint === undefined ? {} : { hint }) };
    return { thrown, stdout: '', stderr: '' } as unknown as Answer;
  } finally {
    clearInterval(watch);
  }
}

const requests = JSON.parse(process.argv[2] ?? '[]') as Request[];
for (const request of requests) console.log(JSON.stringify(await answer(request)));
