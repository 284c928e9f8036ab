import type { Change, Conflict } from '../model/change.ts';
import { type Label, labels } from '../model/label.ts';
import { formatCount, plural } from '../model/numbers.ts';
import type { Plan, Stage } from '../model/plan.ts';
import { code, plain, table } from './markdown.ts';
import type { PolicyResult } from './plan-json.ts';
import { xml } from './xml.ts';

/**
 * GitHub takes a comment of 65,536 characters. Bytes are counted, which are never fewer, and some are
 * left for what stands around the report.
 */
const bytesMax = 65_000;

/** Kept free for the line that says what was left out. */
const noteBytes = 200;

/** How many of a list are named before the details. */
const namedMax = 5;

/** A text that takes pieces, each whole or not at all, as long as they fit. */
class Page {
  #text = '';
  #bytes = 0;

  /** @param after bytes of what has to fit behind it */
  add(piece: string, after = 0): boolean {
    const bytes = Buffer.byteLength(piece);
    if (this.#bytes + bytes + after + noteBytes > bytesMax) return false;
    this.#text += piece;
    this.#bytes += bytes;
    return true;
  }

  /** There is always room for it. */
  end(note: string): string {
    return this.#text + note;
  }
}

const labelTitles: Readonly<Record<Label, string>> = {
  destroys: '🗑️ destroys data',
  loosens: '🔓 loosens',
  tightens: '🔒 tightens',
  neutral: 'neutral',
};

function heading(plan: Plan, nothing: string): string {
  const changes = plan.stages.flatMap((stage) => stage.changes);
  const { length: conflicts } = plan.conflicts;
  if (conflicts > 0) return `## ❌ ${plural(conflicts, 'conflict')}, so nothing can be applied\n\n`;
  if (changes.length === 0) return `## ✅ ${plain(nothing)}\n\n`;
  const counts = (['create', 'update', 'delete'] as const).map((action) => {
    const count = changes.filter((one) => one.action === action).length;
    return `${formatCount(count)} to ${action}`;
  });
  return `## Plan: ${counts.join(', ')}\n\n`;
}

function named(addresses: readonly string[]): string {
  const more = addresses.length - namedMax;
  const rest = more > 0 ? `, and ${formatCount(more)} more` : '';
  return `${addresses.slice(0, namedMax).map(code).join(', ')}${rest}`;
}

function labelRows({ stages }: Plan): string {
  const changes = stages.flatMap((stage) => stage.changes);
  const rows = labels.flatMap((label) => {
    const some = changes.filter((one) => one.label === label).map(({ address }) => address);
    if (some.length === 0) return [];
    const which = label === 'neutral' ? '' : named(some);
    return [[labelTitles[label], formatCount(some.length), which]];
  });
  return rows.length === 0 ? '' : `${table(['what it means', 'changes', ''], rows)}\n`;
}

function policyText({ deny, denied }: PolicyResult): string {
  const words = deny.join(', ');
  return denied.length === 0
    ? `✅ The policy allows it: nothing of ${words}.\n\n`
    : `❌ **The policy denies it** (${words}): ${named(denied)}.\n\n`;
}

function conflictText({ message, waysOut }: Conflict): string {
  return `- ${code(message)}\n${waysOut.map((way) => `  - ${code(way)}\n`).join('')}`;
}

const close = '\n</details>\n\n';

function row({ action, address, label = 'neutral', reasons }: Change<unknown>): string {
  const cells = [action, code(address), label, code(reasons.join('; '))];
  return `| ${cells.join(' | ')} |\n`;
}

/** @returns how many changes there was no room for */
function addStage(page: Page, { title, changes }: Stage): number {
  const head = table(['action', 'what', 'label', 'why'], []);
  const open = `<details><summary>${xml(title)}</summary>\n\n${head}`;
  const [first] = changes;
  if (first === undefined) return 0;
  // No empty table: it would say that there is nothing.
  if (!page.add(open, Buffer.byteLength(row(first) + close))) return changes.length;
  const after = Buffer.byteLength(close);
  const fitting = changes.findIndex((change) => !page.add(row(change), after));
  page.add(close);
  return fitting === -1 ? 0 : changes.length - fitting;
}

/** Items of a list. @returns how many there was no room for */
function addAll(page: Page, pieces: readonly string[]): number {
  const fitting = pieces.findIndex((piece) => !page.add(piece));
  return fitting === -1 ? 0 : pieces.length - fitting;
}

/**
 * A plan as Markdown, for a comment or the summary of a job: first what matters, then the changes,
 * folded. It is always short enough for GitHub, and says what it leaves out.
 */
export function planMarkdown(
  plan: Plan,
  options: { readonly nothing: string; readonly policy?: PolicyResult | undefined },
): string {
  const page = new Page();
  page.add(heading(plan, options.nothing));
  if (options.policy !== undefined) page.add(policyText(options.policy));
  page.add(labelRows(plan));
  const warnings = addAll(
    page,
    plan.warnings.map((warning) => `> ⚠️ ${code(warning)}\n\n`),
  );
  const conflicts = addAll(page, plan.conflicts.map(conflictText));
  page.add('\n');
  const changes = plan.stages.reduce((sum, one) => sum + addStage(page, one), 0);
  const omitted = [
    [warnings, 'more warning'],
    [conflicts, 'more conflict'],
    [changes, 'more change'],
  ] as const;
  const left = omitted.filter(([count]) => count > 0).map(([count, noun]) => plural(count, noun));
  if (left.length === 0) return page.end('');
  return page.end(
    `**${left.join(', ')}** not shown here: \`jailctl plan\` and \`--json\` have all.\n`,
  );
}
