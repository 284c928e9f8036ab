import { readInit } from '../../desired/host-facts.ts';
import type { Check } from '../../doctor/check.ts';
import { checks } from '../../doctor/checks.ts';
import { examine } from '../../doctor/examine.ts';
import { filesCheck } from '../../doctor/old-ids/files.ts';
import { readOldIds } from '../../doctor/old-ids/old-ids.ts';
import { readPool } from '../../kinds/limits/pool-file.ts';
import { defaultUids } from '../../manifest/uids.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { UidRange } from '../../model/uid-range.ts';
import { doctorDocument } from '../../report/doctor-json.ts';
import { formatDoctor } from '../../report/doctor-text.ts';
import { jsonText } from '../../report/json-text.ts';
import type { Context } from '../context.ts';
import { readManifest } from '../prepare.ts';

export interface DoctorOptions {
  readonly file?: string;
  readonly check?: readonly string[];
  readonly json?: boolean;
  readonly useColor: boolean;
}

/** After a destroy there is no record of the pool; the default is the likeliest one then. */
function poolsOf({ isRoot, reader }: Context, manifest: Manifest | undefined): readonly UidRange[] {
  const recorded = isRoot ? readPool(reader)?.uids : undefined;
  const pools = [recorded, manifest?.uids].filter((pool) => pool !== undefined);
  return pools.length > 0 ? pools : [defaultUids];
}

/** @throws Failure with exit code 3 for a check that there is not */
function chosen(ids: readonly string[] | undefined): readonly Check[] {
  if (ids === undefined) return checks;
  const names = ids.flatMap((id) => id.split(',')).filter((id) => id !== '');
  const known = checks.map(({ id }) => id);
  const odd = names.find((name) => !known.includes(name));
  if (odd === undefined && names.length > 0) return checks.filter(({ id }) => names.includes(id));
  throw new Failure(odd === undefined ? '--check names no check' : `there is no check ${odd}`, {
    exitCode: exitCode.usage,
    hint: `checks: ${known.join(', ')}`,
  });
}

/**
 * Looks for what is wrong with this host, and shows remedies; changes nothing.
 * @returns 1 when there is a problem
 */
export function doctorCommand(context: Context, options: DoctorOptions): ExitCode {
  const { reader, isRoot } = context;
  const wanted = chosen(options.check);
  const manifest = options.file === undefined ? undefined : readManifest(context, options.file);
  const pools = poolsOf(context, manifest);
  if (options.json !== true && isRoot && wanted.includes(filesCheck)) {
    context.output.notice('Looking through every local file system: this may take minutes.\n');
  }
  const host = {
    ...{ reader, isRoot, manifest, runs: context.inspectRuns(), init: readInit(reader) },
    // Nobody but root gets as far as to need it.
    oldIds: isRoot ? readOldIds(reader, pools) : { pools, uids: [], gids: [] },
  };
  const report = { pools, examinations: examine(host, wanted) };
  context.output.result(
    options.json === true
      ? jsonText(doctorDocument(report), 2)
      : formatDoctor(report, { color: options.useColor }),
  );
  const isWell = report.examinations.every(({ status }) => status !== 'problem');
  return isWell ? exitCode.done : exitCode.failed;
}
