import type { FoundJail } from '../import/found.ts';
import type { DraftManifest } from '../import/manifest-text.ts';
import type { Conflict } from '../model/change.ts';

const formatVersion = '1.0';

function jailDocument(jail: FoundJail, refusals: readonly Conflict[]): unknown {
  const { name, path, users, others, network, login, tools, notes } = jail;
  return {
    ...{ name, path },
    users: users.map(({ name: user, uid, home, shell }) => ({ name: user, uid, home, shell })),
    ...{ others, network: network.mode, login, tools: tools.entries },
    notes: [...notes, ...network.notes, ...tools.notes],
    refusals: refusals
      .filter((conflict) => conflict.jail === name)
      .map(({ message, waysOut }) => ({ message, ways_out: waysOut })),
  };
}

/**
 * What `jailctl import` found, as `schemas/import.schema.json` describes it.
 * @param refusals why `--adopt` would not take the jails over
 */
export function importDocument(draft: DraftManifest, refusals: readonly Conflict[]): unknown {
  return {
    format_version: formatVersion,
    manifest: draft.text,
    jails: draft.jails.map((jail) => jailDocument(jail, refusals)),
    owned: draft.owned,
    left_out: draft.leftOut.map(({ jail, why }) => ({ path: jail.path, why })),
  };
}
