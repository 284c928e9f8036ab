import { plural } from '../model/numbers.ts';
import type { Needs } from '../setup/needs.ts';
import type { PackageManager, RecordedPackage } from '../setup/package-manager.ts';
import type { Kept } from '../setup/removable.ts';
import { painter } from './paint.ts';

/** @param coming all that would come, as far as the package manager tells now */
export function formatInstall(
  manager: PackageManager,
  { needs, byHand }: Needs,
  coming: readonly string[],
  color: boolean,
): string {
  const paint = painter(color);
  const rows = needs.map(({ wanted, missing, why }) => {
    const names = 'name' in wanted ? wanted.name : (manager.packages[wanted.key] ?? wanted.key);
    return { names, text: missing.length === 0 ? why : `${missing.join(', ')}: ${why}` };
  });
  const width = Math.max(...rows.map(({ names }) => names.length));
  const asked = rows.flatMap(({ names }) => names.split(' '));
  const more = coming.filter((name) => !asked.includes(name));
  return [
    `This host lacks ${plural(needs.length, 'thing')} that the manifest needs:`,
    ...rows.map(({ names, text }) => `  ${paint('green', '+')} ${names.padEnd(width)}  ${text}`),
    ...(more.length > 0 ? [`  with what they need: ${more.join(', ')}`] : []),
    ...byHand.map(({ what, how }) => `  ${paint('yellow', '!')} by hand: ${what}: ${how}`),
    '',
  ].join('\n');
}

export function formatRemoval(
  go: readonly RecordedPackage[],
  kept: readonly Kept[],
  color: boolean,
): string {
  const paint = painter(color);
  const head =
    go.length > 0
      ? 'Of what setup installed, this goes:'
      : 'Nothing to do: nothing of what setup installed can go.';
  return [
    head,
    ...go.map(({ name }) => `  ${paint('red', '-')} ${name}`),
    ...kept.map(({ name, neededBy }) => `  ${name} stays: ${neededBy.join(', ')} needs it`),
    '',
  ].join('\n');
}
