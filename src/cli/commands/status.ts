import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { jsonText } from '../../report/json-text.ts';
import { statusDocument } from '../../report/status-json.ts';
import { formatStatus } from '../../report/status-text.ts';
import type { Context } from '../context.ts';
import { readHostStatus, type StatusOptions } from '../host-status.ts';
import { requireRoot } from '../require-root.ts';

/** Shows the jails of this host; changes nothing. */
export function statusCommand(
  context: Context,
  options: StatusOptions & { readonly json?: boolean; readonly useColor: boolean },
): ExitCode {
  requireRoot(context, 'status');
  const status = readHostStatus(context, options);
  context.output.result(
    options.json === true
      ? jsonText(statusDocument(status), 2)
      : formatStatus(status, { color: options.useColor }),
  );
  return exitCode.done;
}
