import { dirname, isAbsolute, join } from 'node:path';
import type { Checked, Diagnostic } from '../model/diagnostic.ts';
import type { Manifest, ManifestJail } from '../model/manifest.ts';
import { type Parsed, parsed, quote, refused } from '../model/problem.ts';
import { type Draft, type DraftJail, type RequirementLookup, readDraft } from './draft.ts';
import { Findings, inOrder } from './findings.ts';
import { builtinLimits } from './limits.ts';
import { parseRequirements, type RequirementFile, withoutRepetition } from './requirements.ts';
import { checkRules, jailPath } from './rules.ts';
import { schemaErrors } from './schema-check.ts';
import { schemaProblem } from './schema-messages.ts';
import { openSource } from './source.ts';
import { defaultUids } from './uids.ts';
import { readYaml } from './yaml-document.ts';

/** Gives a text file's content, and undefined where there is no such file. May throw. */
export type ReadText = (path: string) => string | undefined;

/**
 * Reads a manifest and the requirement files that it names, and checks all that can be checked
 * without a look at the host. Every mistake is reported at once, in the order of the file.
 * @param file the manifest, as the user named it
 * @throws what `read` throws for the manifest itself
 */
export function loadManifest(file: string, read: ReadText): Checked<Manifest> {
  const text = read(file);
  if (text === undefined) {
    return failed(file, [
      {
        code: 'no-manifest',
        message: `there is no manifest ${quote(file)}`,
        hint: '`jailctl init` writes one, and -f names another',
      },
    ]);
  }
  const source = openSource(file, text);
  const { tree, diagnostics } = readYaml(source);
  if (tree === undefined) return failed(file, diagnostics);
  const findings = new Findings(source, tree);
  findings.add(diagnostics);
  const draft = check(tree.value, requirementLookup(file, read), findings);
  if (draft === undefined || findings.all().length > 0) return failed(file, findings.all());
  return { ok: true, value: toManifest(file, draft, findings) };
}

/** Undefined where the manifest is of another version, whose rules are not known. */
function check(value: unknown, lookUp: RequirementLookup, findings: Findings): Draft | undefined {
  const problems = schemaErrors(value).flatMap(
    (error) => schemaProblem(error, findings.written(error.instancePath)) ?? [],
  );
  const version = problems.find(({ pointer }) => pointer === '/version');
  if (version !== undefined) {
    findings.report('/version', 'value', version.problem);
    return undefined;
  }
  for (const { pointer, on, fallback, problem } of problems) {
    if (!fallback) findings.report(pointer, on, problem);
  }
  const draft = readDraft(value, defaultUids, lookUp, findings);
  checkRules(draft, findings);
  for (const { pointer, on, fallback, problem } of problems) {
    if (fallback && !findings.has(pointer)) findings.report(pointer, on, problem);
  }
  return draft;
}

/** Reads each requirement file once, however many jails name it. */
function requirementLookup(file: string, read: ReadText): RequirementLookup {
  const known = new Map<string, Parsed<RequirementFile>>();
  return (name) => {
    const result = known.get(name) ?? readRequirementFile(file, name, read);
    known.set(name, result);
    return result;
  };
}

function readRequirementFile(file: string, name: string, read: ReadText): Parsed<RequirementFile> {
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(name)) {
    return refused('requirement-name', `${quote(name)} can't be the name of a requirement file`);
  }
  const path = isAbsolute(name) ? name : join(dirname(file), name);
  try {
    const text = read(path);
    if (text !== undefined) return parsed(parseRequirements(path, text));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return refused('requirement-unreadable', `${quote(name)} can't be read: ${reason}`);
  }
  return refused(
    'requirement-missing',
    `there is no requirement file ${quote(name)}`,
    isAbsolute(name)
      ? undefined
      : `names start at the manifest's directory, so it would be ${path}`,
  );
}

function toManifest(file: string, draft: Draft, findings: Findings): Manifest {
  const { root, uids } = draft;
  if (root === undefined || uids === undefined) throw new Error('unreported: root or uids');
  const jails = draft.jails.map((jail) => toJail(draft, jail, findings));
  return {
    file,
    root,
    rootAt: findings.at('/root'),
    uids,
    uidsAt: findings.at('/uids'),
    jails: jails.sort((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

function toJail(draft: Draft, jail: DraftJail, findings: Findings): ManifestJail {
  const { defaults } = draft;
  const path = jailPath(draft, jail);
  if (path === undefined || jail.users === undefined) throw new Error(`unreported: ${jail.name}`);
  const engine = jail.engine ?? defaults.engine;
  const archive = jail.archive ?? defaults.archive;
  const login = jail.login ?? defaults.login ?? 'none';
  const authorizedKeys = jail.authorizedKeys ?? defaults.authorizedKeys ?? [];
  const loginHolder = jail.login === undefined ? '/defaults' : jail.pointer;
  const env = Object.entries({ ...defaults.env, ...jail.env });
  return {
    name: jail.name,
    path,
    users: jail.users,
    tools: withoutRepetition(jail.tools),
    network: jail.network ?? defaults.network ?? { mode: 'none', refusal: 'reject' },
    limits: { ...builtinLimits, ...defaults.limits, ...jail.limits },
    ...(engine !== undefined && { engine }),
    home: jail.home ?? defaults.home ?? 'keep',
    optional: jail.optional ?? defaults.optional ?? [],
    login,
    ...(login !== 'none' && { authorizedKeys, loginAt: findings.at(`${loginHolder}/login`) }),
    env: Object.fromEntries(env.sort(([a], [b]) => (a < b ? -1 : 1))),
    protect: jail.protect,
    ...(archive !== undefined && { archive }),
    at: findings.at(jail.pointer, 'key'),
  };
}

function failed(file: string, diagnostics: readonly Diagnostic[]): Checked<Manifest> {
  return { ok: false, diagnostics: inOrder(file, diagnostics) };
}
