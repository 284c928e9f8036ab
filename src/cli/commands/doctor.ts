import { checks } from '../../doctor/checks.ts';
import { examine } from '../../doctor/examine.ts';
import { readOldIds } from '../../doctor/old-ids/old-ids.ts';
import { readPool } from '../../kinds/limits/pool-file.ts';
import { defaultUids } from '../../manifest/uids.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import type { UidRange } from '../../model/uid-range.ts';
import { doctorDocument } from '../../report/doctor-json.ts';
import { formatDoctor } from '../../report/doctor-text.ts';
import { jsonText } from '../../report/json-text.ts';
import type { Context } from '../context.ts';
import { readManifest } from '../prepare.ts';
import { requireRoot } from '../require-root.ts';

export interface DoctorOptions {
  readonly file?: string;
  readonly json?: boolean;
  readonly useColor: boolean;
}

/** After a destroy there is no record of the pool; the default is the likeliest one then. */
function poolsOf({ file }: DoctorOptions, context: Context): readonly UidRange[] {
  const recorded = readPool(context.reader)?.uids;
  const wanted = file === undefined ? undefined : readManifest(context, file).uids;
  const pools = [recorded, wanted].filter((pool) => pool !== undefined);
  return pools.length > 0 ? pools : [defaultUids];
}

/**
 * Looks for what is wrong with this host, and shows remedies; changes nothing.
 * @returns 1 when there is a problem
 */
export function doctorCommand(context: Context, options: DoctorOptions): ExitCode {
  requireRoot(context, 'doctor');
  const { reader } = context;
  const pools = poolsOf(options, context);
  if (options.json !== true) {
    context.output.notice('Looking through every local file system: this may take minutes.\n');
  }
  const report = {
    pools,
    examinations: examine({ reader, oldIds: readOldIds(reader, pools) }, checks),
  };
  context.output.result(
    options.json === true
      ? jsonText(doctorDocument(report), 2)
      : formatDoctor(report, { color: options.useColor }),
  );
  const isWell = report.examinations.every(({ status }) => status !== 'problem');
  return isWell ? exitCode.done : exitCode.failed;
}
