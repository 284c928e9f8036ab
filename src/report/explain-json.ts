import type { PathExplanation, ToolsExplanation } from '../model/explanation.ts';

const formatVersion = '1.0';

/** Why a path is in a jail, as `schemas/explain.schema.json` describes it. */
export function pathDocument({ jail, path, type, chain }: PathExplanation): unknown {
  const links = chain.map(({ requestedAt, ...link }) =>
    requestedAt === undefined ? link : { ...link, requested_at: requestedAt },
  );
  return { format_version: formatVersion, jail, path, type, chain: links };
}

/** What each tool brings, as `schemas/explain.schema.json` describes it. */
export function toolsDocument({ jail, tools, leftOut }: ToolsExplanation): unknown {
  const rows = tools.map(({ requestedAt, ...tool }) => ({ ...tool, requested_at: requestedAt }));
  return { format_version: formatVersion, jail, tools: rows, left_out: leftOut };
}
