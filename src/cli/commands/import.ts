import { resolve } from 'node:path';
import { readAccounts } from '../../import/accounts.ts';
import { adoptionOf } from '../../import/adoption.ts';
import { findJails } from '../../import/candidates.ts';
import { type DraftManifest, draftManifest, neighbours } from '../../import/manifest-text.ts';
import { surveyHost } from '../../import/survey.ts';
import { readAccountTexts } from '../../kinds/account/texts.ts';
import { type ExitCode, exitCode } from '../../model/exit-code.ts';
import { Failure } from '../../model/failure.ts';
import { privateDirectory } from '../../model/host-paths.ts';
import { plural } from '../../model/numbers.ts';
import { printable } from '../../model/printable.ts';
import { importDocument } from '../../report/import-json.ts';
import { jsonText } from '../../report/json-text.ts';
import type { Context } from '../context.ts';
import type { CommonOptions } from '../options.ts';
import { requireRoot } from '../require-root.ts';

export interface ImportOptions extends CommonOptions {
  readonly out?: string;
  readonly ini?: string;
  readonly adopt?: boolean;
  readonly useColor: boolean;
}

/** The directory that somebody means: a path, or the name of a jail that is found. */
function directoryOf(context: Context, name: string, found: readonly string[]): string {
  const { reader, workingDirectory } = context;
  const path = name.includes('/')
    ? resolve(workingDirectory, name)
    : (found.find((one) => one.endsWith(`/${name}`)) ?? `/${name}`);
  if (reader.lstat(privateDirectory(path)) !== undefined) {
    throw new Failure(`${path} is jailctl's already`, {
      exitCode: exitCode.usage,
      hint: 'what it is made of stands in its manifest; jailctl plan shows what differs',
    });
  }
  if (reader.lstat(path)?.type === 'directory' && path !== '/') return path;
  throw new Failure(`${path} is not the directory of a jail`, {
    exitCode: exitCode.usage,
    hint: found.length === 0 ? 'name its directory' : `jails that are found: ${found.join(', ')}`,
  });
}

function pathsOf(context: Context, names: readonly string[]): readonly string[] {
  const found = findJails(context.reader, readAccounts(readAccountTexts(context.reader)));
  if (names.length > 0) {
    return [...new Set(names.map((name) => directoryOf(context, name, found)))];
  }
  if (found.length > 0) return found;
  throw new Failure('no jail was found that was made without jailctl', {
    hint: 'name its directory: jailctl import DIRECTORY',
  });
}

/** What a person should not overlook in the manifest. */
function tell(context: Context, draft: DraftManifest, refused: readonly string[]): void {
  const lines = [
    ...(draft.owned.length === 0 ? [] : [neighbours(draft.owned)]),
    ...draft.leftOut.map(({ jail, why }) => `left out: ${jail.path}: ${why.join('; ')}`),
    ...draft.jails
      .filter(({ network, users }) => network.mode === 'host' && users.length > 0)
      .map(
        ({ name, users }) =>
          `jail ${name}: NO RULE cuts its ${plural(users.length, 'user')} off the network today, so the manifest says network: host`,
      ),
    ...refused.map((message) => `--adopt would refuse: ${message}`),
  ];
  for (const line of lines) context.output.notice(`${printable(line)}\n`);
}

/**
 * Writes a manifest of jails that were made by hand or by the old scripts. It changes nothing.
 * @throws Failure with exit code 4 when no manifest can have any of them
 */
export function importCommand(
  context: Context,
  names: readonly string[],
  options: ImportOptions,
): ExitCode {
  requireRoot(context, 'import');
  const draft = draftManifest(surveyHost(context.reader, pathsOf(context, names)));
  const wanted = draft.jails.map(({ name, path, users }) => {
    return { name, path, users: users.at(-1)?.number ?? 0 };
  });
  const adoption = adoptionOf(context.reader, wanted);
  if (options.json !== true) {
    tell(
      context,
      draft,
      adoption.conflicts.map(({ message }) => message),
    );
  }
  if (draft.jails.length === 0) {
    const [first] = draft.leftOut;
    throw new Failure(`no manifest can have ${first?.jail.path} as it is: ${first?.why[0]}`, {
      exitCode: exitCode.refused,
    });
  }
  const { out } = options;
  if (out !== undefined) {
    const target = resolve(context.workingDirectory, out);
    if (context.reader.lstat(target) !== undefined) {
      throw new Failure(`${out} would be overwritten, so nothing was written`, {
        exitCode: exitCode.refused,
        hint: 'choose another name: jailctl import --out FILE',
      });
    }
    context.createFile(target, draft.text);
  }
  if (options.json === true) {
    context.output.result(jsonText(importDocument(draft, adoption.conflicts), 2));
  } else if (out === undefined) context.output.result(draft.text);
  else {
    context.output.result(`${out}\n`);
    context.output.notice(`next: look at ${out}, then: jailctl import --adopt -f ${out}\n`);
  }
  return exitCode.done;
}
