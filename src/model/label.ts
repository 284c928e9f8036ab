/**
 * What a change means for how well a jail holds, the worst first: it deletes data; it lets a tenant
 * do more than before; it lets it do less; neither.
 */
export const labels = ['destroys', 'loosens', 'tightens', 'neutral'] as const;
export type Label = (typeof labels)[number];

/** Something that does two things is known by the worse one. */
export function worst(some: readonly Label[]): Label {
  return labels.find((label) => some.includes(label)) ?? 'neutral';
}
