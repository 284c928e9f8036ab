import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { formatCount, plural } from '../model/numbers.ts';
import type { RunStatus } from '../run/run-result.ts';
import type { Context } from './context.ts';
import { drawnOn } from './progress.ts';

/** Without a terminal, one line in this time shows that something still happens. */
const heartbeatMs = 10_000;
const barCells = 20;

/** How a job ended: as its program did, or `error` when that could not be run. */
export type JobEnd = RunStatus | 'error';

/** Shows how far a batch is. */
export interface BatchView {
  done(end: JobEnd): void;
  end(): Promise<void>;
}

/**
 * `████░░░░ 120 of 500 programs: 117 ok, 3 time_limit`
 * @param total undefined when nobody knows how many there will be
 */
export function batchText(counts: ReadonlyMap<JobEnd, number>, total?: number): string {
  const done = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const each = [...counts].map(([status, count]) => `${formatCount(count)} ${status}`).join(', ');
  const sums = each === '' ? '' : `: ${each}`;
  if (total === undefined) return `${plural(done, 'program')}${sums}`;
  const full = total === 0 ? barCells : Math.floor((barCells * done) / total);
  const bar = '█'.repeat(full) + '░'.repeat(barCells - full);
  return `${bar} ${formatCount(done)} of ${plural(total, 'program')}${sums}`;
}

/** Draws over itself on a terminal; elsewhere a line now and then. */
export function batchView(context: Context, total: number | undefined): BatchView {
  const counts = new Map<JobEnd, number>();
  const count = (status: JobEnd) => counts.set(status, (counts.get(status) ?? 0) + 1);
  // Where results come to the same terminal, a bar would stay between any two of them.
  if (!context.canDraw || context.output.resultStream.isTTY) {
    const notice = () => context.output.notice(`${batchText(counts, total)}\n`);
    const heartbeat = setInterval(notice, heartbeatMs);
    return {
      done: count,
      end: async () => {
        clearInterval(heartbeat);
        notice();
      },
    };
  }
  const { noticeStream } = context.output;
  const logger = new ListrLogger({
    useIcons: false,
    processOutput: new ProcessOutput(noticeStream, noticeStream),
  });
  let show: () => void = () => {};
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const task = async (_: unknown, item: { title: string }) => {
    show = () => {
      item.title = batchText(counts, total);
    };
    await over;
  };
  const list = new Listr([{ title: batchText(counts, total), task }], {
    registerSignalListeners: false,
    ...drawnOn({ logger }),
  });
  const shown = list.run();
  return {
    done: (status) => {
      count(status);
      show();
    },
    end: async () => {
      end();
      await shown;
    },
  };
}
