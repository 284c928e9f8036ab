/** SHA-256, in hex. node:crypto is slow to load, and most commands need nothing of it. */
export function sha256(content: string | Uint8Array): string {
  const { createHash } = process.getBuiltinModule('node:crypto');
  return createHash('sha256').update(content).digest('hex');
}
