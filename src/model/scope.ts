/** Which jails a command is about; absent: all. */
export type Scope = ReadonlySet<string> | undefined;

/** What belongs to no jail is always in scope. */
export function inScope(scope: Scope, jail: string | undefined): boolean {
  return scope === undefined || jail === undefined || scope.has(jail);
}
