import type { ApplyEvent } from '../model/event.ts';

const formatVersion = '1.1';

/** An event as one of the documents that `schemas/events.schema.json` describes. */
export function eventDocument(event: ApplyEvent): unknown {
  const fields = Object.entries(event).map(([key, value]) => [
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { format_version: formatVersion, ...Object.fromEntries(fields) };
}
