import { PassThrough, Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAnswer } from '../model/probe-answer.ts';
import type { JailSettings, JailUser } from '../model/settings.ts';
import { Collector } from '../run/collector.ts';
import type { JailRunner, RunRequest } from '../run/jail-runner.ts';
import type { LimitOverride } from '../run/limits.ts';
import type {
  Action,
  InsideAnswer,
  InsideOptions,
  Neighbour,
  Range,
  Running,
  Subject,
  VerifyHost,
} from './range.ts';

const mib = 2 ** 20;

/** Enough for any probe, and a bound for one that goes wrong. */
const probeLimits: readonly LimitOverride[] = [
  { name: 'processes', value: 16 },
  { name: 'memory', value: 64 * mib },
  { name: 'cpu_time', value: 10 },
  { name: 'wall_time', value: 20 },
  { name: 'file_size', value: 16 * mib },
  { name: 'open_files', value: 64 },
  { name: 'output', value: mib },
  { name: 'tmp_size', value: 16 * mib },
];

/** Runs the probe program as the users of one jail, by the way of `exec`. */
export interface JailActions {
  inside(user: JailUser, action: Action, options?: InsideOptions): Promise<InsideAnswer>;
  startInside(
    user: JailUser,
    action: Action,
    options?: InsideOptions,
  ): Promise<Running<InsideAnswer>>;
}

function requestOf(user: JailUser, action: Action, helper: string, options: InsideOptions) {
  const { limits, variables, home, copyIn, copyOut } = options;
  const overrides = limits === 'declared' ? [] : (limits ?? []);
  const own = new Set(overrides.map(({ name }) => name));
  const request: RunRequest = {
    // Its own name for itself; what is run is the helper.
    argv: ['jailctl-probe', ...action],
    helper,
    user: options.user?.name ?? user.name,
    ...(limits !== 'declared' && {
      limits: [...probeLimits.filter(({ name }) => !own.has(name)), ...overrides],
      allowRaise: true,
    }),
    ...(variables !== undefined && { variables }),
    ...(home !== undefined && { home }),
    ...(copyIn !== undefined && { copyIn }),
    ...(copyOut !== undefined && { copyOut }),
  };
  return request;
}

/** Takes nothing for a while, counted from when there is something to take. */
class LateCollector extends Collector {
  readonly #afterMs: number;
  #waiting: Promise<void> | undefined;

  constructor(afterMs: number) {
    super();
    this.#afterMs = afterMs;
  }

  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    this.#waiting ??= pause(this.#afterMs);
    this.#waiting.then(() => super._write(chunk, encoding, done));
  }
}

/** Tells when the program has said that it is ready. */
class Listener extends Collector {
  readonly ready: Promise<void>;
  #onReady: () => void = () => {};

  constructor() {
    super();
    this.ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  override _write(chunk: Buffer, encoding: string, done: () => void): void {
    super._write(chunk, encoding, done);
    if (/^ready$/m.test(this.text())) this.#onReady();
  }

  text(): string {
    return this.bytes().toString('latin1');
  }
}

/** @param signal ends every run when it is aborted */
export function jailActions(
  runner: Pick<JailRunner, 'run'>,
  helper: string,
  signal: AbortSignal,
): JailActions {
  const run = async (
    request: RunRequest,
    stdin: Readable | undefined,
    stdout: Collector,
    ending: AbortSignal,
  ): Promise<InsideAnswer> => {
    const stderr = new Collector();
    const streams = { ...(stdin !== undefined && { stdin }), stdout, stderr };
    const result = await runner.run(request, streams, ending, true);
    const answer = parseAnswer(
      stdout.bytes().toString('latin1'),
      stderr.bytes().toString('latin1'),
    );
    return { ...answer, result };
  };
  return {
    inside: (user, action, options = {}) => {
      const { stdin, takenAfterMs } = options;
      const taker = takenAfterMs === undefined ? new Collector() : new LateCollector(takenAfterMs);
      const input = stdin === undefined ? undefined : Readable.from([Buffer.from(stdin)]);
      const ending = options.toTheEnd === true ? new AbortController().signal : signal;
      return run(requestOf(user, action, helper, options), input, taker, ending);
    },
    startInside: async (user, action, options = {}) => {
      const ending = new AbortController();
      const stdin = new PassThrough();
      const stdout = new Listener();
      const over = run(
        requestOf(user, action, helper, options),
        stdin,
        stdout,
        AbortSignal.any([signal, ending.signal]),
      );
      const early = await Promise.race([stdout.ready, over]);
      if (early !== undefined) {
        throw new Error(
          `${action[0]} was not ready: ${early.outcome}, ${early.result.message}: ${early.output.slice(-200)}`,
        );
      }
      return {
        facts: parseAnswer(stdout.text()).facts,
        end: () => {
          stdin.end();
          return over;
        },
        ended: () => over,
        [Symbol.asyncDispose]: async () => {
          ending.abort();
          await over;
        },
      };
    },
  };
}

/** What a range is made of. */
export interface RangeMeans {
  readonly subject: Subject;
  readonly host: VerifyHost;
  readonly actions: JailActions;
  readonly user: JailUser;
  readonly sibling: JailUser | undefined;
  readonly neighbour:
    | { readonly jail: JailSettings; readonly user: JailUser; readonly actions: JailActions }
    | undefined;
}

function neighbourOf({ neighbour }: RangeMeans): Neighbour {
  if (neighbour === undefined) throw new Error('there is no other jail');
  const { jail, user, actions } = neighbour;
  return {
    jail,
    user,
    inside: (action, options) => actions.inside(user, action, options),
    startInside: (action, options) => actions.startInside(user, action, options),
  };
}

export function rangeOf(means: RangeMeans): Range {
  const { subject, host, actions, user, sibling } = means;
  return {
    subject,
    host,
    user,
    sibling: () => {
      if (sibling === undefined) throw new Error('the jail has no other user');
      return sibling;
    },
    neighbour: () => neighbourOf(means),
    inside: (action, options) => actions.inside(user, action, options),
    startInside: (action, options) => actions.startInside(user, action, options),
  };
}
