import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import type { ApplyEvent } from '../model/event.ts';
import { formatBytes, formatCount } from '../model/numbers.ts';
import type { Stage } from '../model/plan.ts';
import type { Context } from './context.ts';

/** Without a terminal, one line in this time shows that something still happens. */
const heartbeatMs = 10_000;

type ProgressEvent = Extract<ApplyEvent, { type: 'progress' }>;

export function progressText(event: ProgressEvent): string {
  const steps = `${formatCount(event.stepsDone)} of ${formatCount(event.steps)} steps`;
  if (event.bytes === 0) return steps;
  return `${steps}, ${formatBytes(event.bytesDone)} of ${formatBytes(event.bytes)}`;
}

/** Shows stages while they run. */
export interface ProgressView {
  sequence(stages: readonly Stage[], run: (stage: Stage) => Promise<void>): Promise<void>;
  handle(event: ApplyEvent): void;
  /** Says something at once, wherever the drawing is. */
  tell(text: string): void;
}

/**
 * The renderer that redraws, whatever stdout is: listr2 takes its fallback where that is no
 * terminal, and ours draws on stderr.
 */
export function drawnOn<T extends object>(options: T) {
  return {
    renderer: 'default',
    rendererOptions: options,
    fallbackRenderer: 'default',
    fallbackRendererOptions: options,
  } as const;
}

/** A line of its own among the notices. */
const noticeOn = (context: Context) => (text: string) => context.output.notice(`\n${text}\n`);

/** Shows nothing: the events themselves are the output. */
export function silentView(context: Context): ProgressView {
  return {
    sequence: async (stages, run) => {
      for (const stage of stages) await run(stage);
    },
    handle: () => {},
    tell: noticeOn(context),
  };
}

/**
 * Stages as a list that redraws itself on a terminal, and as plain lines elsewhere; both on
 * stderr. listr2 only shows and sequences: what happens in a stage is the plan's.
 */
export function listrView(context: Context): ProgressView {
  let show: (text: string) => void = () => {};
  let lastShownMs = 0;
  const { noticeStream } = context.output;
  const logger = new ListrLogger({
    useIcons: false,
    processOutput: new ProcessOutput(noticeStream, noticeStream),
  });
  return {
    // While listr2 draws, it holds back what others write to the stream.
    tell: context.canDraw ? (text) => show(text) : noticeOn(context),
    handle: (event) => {
      if (event.type !== 'progress') return;
      const now = performance.now();
      if (!context.canDraw && now - lastShownMs < heartbeatMs) return;
      lastShownMs = now;
      show(progressText(event));
    },
    sequence: async (stages, run) => {
      const tasks = stages.map((stage) => ({
        title: stage.title,
        task: async (_: unknown, task: { output: string }) => {
          lastShownMs = performance.now();
          show = (text) => {
            task.output = text;
          };
          await run(stage);
        },
      }));
      const common = {
        concurrent: false,
        exitOnError: true,
        registerSignalListeners: false,
      } as const;
      const list = context.canDraw
        ? new Listr(tasks, {
            ...common,
            ...drawnOn({ logger, showErrorMessage: false }),
          })
        : new Listr(tasks, { ...common, renderer: 'simple', rendererOptions: { logger } });
      await list.run();
    },
  };
}
