import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { jsonText } from '../../report/json-text.ts';
import { probesDocument } from '../../report/verify-json.ts';
import { formatProbes } from '../../report/verify-list.ts';
import { allProbes } from '../../verify/probes.ts';
import { selectProbes } from '../../verify/select.ts';
import type { Context } from '../context.ts';
import type { VerifyOptions } from '../verify-options.ts';

/** Documents the probes. It needs no jail and no right. */
export function verifyListCommand(context: Context, options: VerifyOptions): ExitCode {
  const probes = selectProbes(allProbes, options.only ?? [], options.skip ?? []);
  context.output.result(
    options.json === true
      ? jsonText(probesDocument(probes), 2)
      : formatProbes(probes, { color: options.useColor }),
  );
  return exitCode.done;
}
