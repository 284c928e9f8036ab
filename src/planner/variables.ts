import type { JailState } from '../kinds/jail/state.ts';
import type { Change } from '../model/change.ts';
import type { Plan } from '../model/plan.ts';
import type { JailSettings } from '../model/settings.ts';

const hidden = '(not shown)';

/**
 * Settings without the values of variables, which may be secrets. No digest stands in their place:
 * whoever has it could try all short values, keyed or not.
 * @param than settings whose values are known: those that differ from them are told apart
 */
export function hideVariables(settings: JailSettings, than = settings): JailSettings {
  const env = Object.entries(settings.env).map(([name, value]) => {
    const known = than.env[name];
    return [name, known === undefined || known === value ? hidden : `${hidden}, another`];
  });
  return { ...settings, env: Object.fromEntries(env) };
}

function hideIn(state: JailState, than: JailState): JailState {
  if (state.settings === undefined) return state;
  return { ...state, settings: hideVariables(state.settings, than.settings) };
}

function hideInChange(change: Change<unknown>): Change<unknown> {
  const { action } = change;
  if (action === 'create')
    return { ...change, after: hideIn(change.after as JailState, change.after as JailState) };
  const before = change.before as JailState;
  if (action === 'delete') return { ...change, before: hideIn(before, before) };
  const after = change.after as JailState;
  return { ...change, before: hideIn(before, before), after: hideIn(after, before) };
}

/** A plan to be shown to whoever may read it, without the values of variables. */
export function withoutVariables(plan: Plan): Plan {
  const stages = plan.stages.map((stage) =>
    stage.kind === 'jail' ? { ...stage, changes: stage.changes.map(hideInChange) } : stage,
  );
  return { ...plan, stages };
}
