import { jsonText } from '../report/json-text.ts';
import { verificationDocument } from '../report/verify-json.ts';
import { junitText } from '../report/verify-junit.ts';
import { verificationMarkdown } from '../report/verify-markdown.ts';
import { formatVerification } from '../report/verify-text.ts';
import type { Verdict } from '../verify/verdict.ts';
import type { VerifyReport } from '../verify/verify-report.ts';
import type { Context } from './context.ts';
import type { VerifyOptions } from './verify-options.ts';
import type { VerifySize } from './verify-progress.ts';

/** What of a verification is shown. Disposing of it ends what is drawn. */
export interface VerifyOutput extends AsyncDisposable {
  /** One more probe has been tried. */
  verdict(jail: string, verdict: Verdict): void;
  end(report: VerifyReport): Promise<void>;
}

function resultText(report: VerifyReport, { json, markdown, useColor }: VerifyOptions): string {
  if (json === true) return jsonText(verificationDocument(report), 2);
  if (markdown === true) return verificationMarkdown(report);
  return formatVerification(report, { color: useColor });
}

/** @throws Failure with exit code 3 when the file of --junit can't be opened */
export async function verifyOutput(
  context: Context,
  options: VerifyOptions,
  size: VerifySize,
): Promise<VerifyOutput> {
  const writeJunit = options.junit === undefined ? undefined : context.openReport(options.junit);
  const { silentVerifyView, verifyView } = await import('./verify-progress.ts');
  const view = options.json === true ? silentVerifyView : verifyView(context, size);
  return {
    verdict: view.verdict,
    end: async (report) => {
      await view.end();
      writeJunit?.(junitText(report));
      context.output.result(resultText(report, options));
    },
    [Symbol.asyncDispose]: view.end,
  };
}
