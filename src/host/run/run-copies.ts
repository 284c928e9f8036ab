import { partialFileNote } from '../../model/host-paths.ts';
import type { CopiedOut, Measurement } from '../../run/run-result.ts';
import type { RunSpec } from '../../run/run-spec.ts';
import { putFile, type Source } from './copy-in.ts';
import { getFile } from './copy-out.ts';
import type { InitChannel } from './init-channel.ts';

/** The files that are copied into one run, and out of it. */
export class RunCopies {
  readonly #spec: RunSpec;
  readonly #sources: readonly Source[];
  readonly #channel: InitChannel;
  #putFailed: Measurement['putFailed'];
  readonly #copiedOut: CopiedOut[] = [];

  /** @param sources the files that `spec` has copied in */
  constructor(spec: RunSpec, sources: readonly Source[], channel: InitChannel) {
    this.#spec = spec;
    this.#sources = sources;
    this.#channel = channel;
  }

  get hasSources(): boolean {
    return this.#sources.length > 0;
  }

  /** Which file could not be made in the run, and why. */
  get putFailed(): Measurement['putFailed'] {
    return this.#putFailed;
  }

  /** Cuts the channel when a file can't be made. @returns whether all are there */
  async putAll(): Promise<boolean> {
    for (const [index, source] of this.#sources.entries()) {
      const errno = await putFile(source, this.#channel);
      // Process 1 ends after that; the end of the runtime may be seen before, and cuts the channel.
      if (errno !== undefined && errno !== 0) {
        this.#putFailed = { index, errno };
        this.#channel.cut();
      }
      if (errno !== 0 || this.#channel.isCut) return false;
    }
    return true;
  }

  /** Until the channel is cut. */
  async getAll(): Promise<void> {
    const note = partialFileNote(this.#spec.user.name);
    const { fileSizeBytes } = this.#spec.limits;
    for (const copy of this.#spec.copyOut) {
      if (this.#channel.isCut) break;
      const copied = await getFile(copy, fileSizeBytes, this.#channel, note);
      if (copied === undefined) break;
      this.#copiedOut.push(copied);
    }
  }

  /** What has become of all, with those that were not even asked for. */
  copiedOut(wasStarted: boolean): readonly CopiedOut[] {
    const error = wasStarted ? 'the run was ended first' : 'the program was not run';
    const missing = this.#spec.copyOut.slice(this.#copiedOut.length);
    return [...this.#copiedOut, ...missing.map((copy) => ({ ...copy, error }))];
  }
}
