import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { printable } from '../model/printable.ts';
import { countsText } from '../report/verify-words.ts';
import type { Verdict } from '../verify/verdict.ts';
import { countVerdicts } from '../verify/verify-report.ts';
import type { Context } from './context.ts';
import { drawnOn } from './progress.ts';

/** Without a terminal, one line in this time shows that something still happens. */
const heartbeatMs = 10_000;
const barCells = 10;

/** What is attacked: jails, one after the other, each by so many probes. */
export interface VerifySize {
  readonly jails: readonly string[];
  readonly probes: number;
}

/** Shows how far a verification is. */
export interface VerifyView {
  verdict(jail: string, verdict: Verdict): void;
  end(): Promise<void>;
}

/** Says nothing: with --json, stderr is for complaints. */
export const silentVerifyView: VerifyView = { verdict: () => {}, end: async () => {} };

/** `jail web ███░░░░░░░ 30 of 120 probes: 28 passed, 2 failed`. */
export function progressText(jail: string, verdicts: readonly Verdict[], probes: number): string {
  const full = probes === 0 ? barCells : Math.floor((barCells * verdicts.length) / probes);
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full);
  const counts = verdicts.length === 0 ? '' : `: ${countsText(countVerdicts(verdicts))}`;
  return `jail ${printable(jail)} ${bar} ${verdicts.length} of ${probes}${counts}`;
}

/** A line now and then, and one when a jail has been attacked by every probe. */
function lineView(context: Context, { probes }: VerifySize): VerifyView {
  let now: { readonly jail: string; readonly verdicts: Verdict[] } | undefined;
  const notice = () => {
    if (now === undefined) return;
    context.output.notice(`${progressText(now.jail, now.verdicts, probes)}\n`);
  };
  const heartbeat = setInterval(notice, heartbeatMs);
  return {
    verdict: (jail, verdict) => {
      if (now?.jail !== jail) now = { jail, verdicts: [] };
      now.verdicts.push(verdict);
      if (now.verdicts.length === probes) notice();
    },
    end: async () => clearInterval(heartbeat),
  };
}

/** A jail in the list: its line, and what ends it. */
interface Line {
  readonly verdicts: Verdict[];
  readonly over: PromiseWithResolvers<void>;
  show(): void;
}

function isBad({ verdict, isError }: Verdict): boolean {
  return verdict === 'failed' || isError;
}

/** A list of jails that redraws itself. */
function drawnView(context: Context, { jails, probes }: VerifySize): VerifyView {
  const { noticeStream } = context.output;
  const logger = new ListrLogger({
    useIcons: false,
    processOutput: new ProcessOutput(noticeStream, noticeStream),
  });
  const lines = new Map<string, Line>();
  const tasks = jails.map((jail) => {
    const line: Line = { verdicts: [], over: Promise.withResolvers(), show: () => {} };
    lines.set(jail, line);
    const text = () => progressText(jail, line.verdicts, probes);
    return {
      title: `jail ${printable(jail)}`,
      task: async (_: unknown, task: { title: string; skip(text: string): void }) => {
        line.show = () => {
          task.title = text();
        };
        line.show();
        await line.over.promise;
        if (line.verdicts.length < probes) return task.skip(`${text()}, not to its end`);
        // What a task throws makes it look failed; the report tells more.
        if (line.verdicts.some(isBad)) throw new Error('it did not hold');
      },
    };
  });
  const list = new Listr(tasks, {
    exitOnError: false,
    registerSignalListeners: false,
    ...drawnOn({ logger, showErrorMessage: false }),
  });
  let shown: Promise<unknown> | undefined;
  return {
    verdict: (jail, verdict) => {
      // Not before: until here, warnings come to the same terminal.
      shown ??= list.run();
      const line = lines.get(jail);
      line?.verdicts.push(verdict);
      line?.show();
      if (line?.verdicts.length === probes) line.over.resolve();
    },
    end: async () => {
      for (const { over } of lines.values()) over.resolve();
      await shown;
    },
  };
}

/** Draws over itself on a terminal; elsewhere a line now and then. */
export function verifyView(context: Context, size: VerifySize): VerifyView {
  return context.canDraw ? drawnView(context, size) : lineView(context, size);
}
