import { closeSync, constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { pipeNames } from './janitor.ts';

type PipeName = (typeof pipeNames)[number];

const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;

/**
 * The pipes of one run, made from named ones. Node itself starts programs on socket pairs, which
 * are not the same to them: `/dev/stdout` can't be opened (ENXIO), and bash takes itself for a
 * login over rsh and reads `~/.bashrc`.
 */
export interface RunPipes {
  /** For the run, as its descriptors 0 to 4. */
  readonly theirs: readonly number[];
  readonly stdin: Socket;
  readonly stdout: Socket;
  readonly stderr: Socket;
  readonly status: Socket;
  /** A plain descriptor, so that it can be written to and closed at once. */
  readonly lifeline: number;
}

/** The reader goes first: opening for writing alone fails while there is none (fifo(7)). */
function openOutput(path: string): { readonly reader: Socket; readonly writer: number } {
  const descriptor = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY);
  return { reader: new Socket({ fd: descriptor, readable: true, writable: false }), writer };
}

/** A blocking reader for a program, and our writer. */
function openInput(path: string): { readonly reader: number; readonly writer: number } {
  const placeholder = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  const reader = openSync(path, O_RDONLY);
  closeSync(placeholder);
  return { reader, writer };
}

/** @param directory that of the lease, which has the named pipes */
export function openPipes(directory: string): RunPipes {
  const path = (name: PipeName) => `${directory}/${name}`;
  const stdin = openInput(path('stdin'));
  const stdout = openOutput(path('stdout'));
  const stderr = openOutput(path('stderr'));
  const status = openOutput(path('status'));
  const lifeline = openInput(path('lifeline'));
  return {
    theirs: [stdin.reader, stdout.writer, stderr.writer, status.writer, lifeline.reader],
    stdin: new Socket({ fd: stdin.writer, readable: false, writable: true }),
    stdout: stdout.reader,
    stderr: stderr.reader,
    status: status.reader,
    lifeline: lifeline.writer,
  };
}
