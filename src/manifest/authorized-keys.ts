import { type Parsed, parsed, quote, refused } from '../model/problem.ts';

/**
 * What sshd(8) takes, AUTHORIZED_KEYS FILE FORMAT, without the DSA keys that it takes no more; and of
 * how many parts the blob is, its type the first (RFC 4253, 5656, 8709; PROTOCOL.u2f of OpenSSH).
 */
const partsOf: Readonly<Record<string, number>> = {
  'ssh-ed25519': 2,
  'sk-ssh-ed25519@openssh.com': 3,
  'ecdsa-sha2-nistp256': 3,
  'ecdsa-sha2-nistp384': 3,
  'ecdsa-sha2-nistp521': 3,
  'sk-ecdsa-sha2-nistp256@openssh.com': 4,
  'ssh-rsa': 3,
};
const keyTypes = Object.keys(partsOf);

const isBase64 = (text: string) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;

/** The parts of a key's blob, each after its length in four bytes; undefined where one is cut. */
function partsIn(blob: Buffer): readonly Buffer[] | undefined {
  const parts: Buffer[] = [];
  for (let at = 0; at < blob.length; ) {
    const start = at + 4;
    if (start > blob.length) return undefined;
    at = start + blob.readUInt32BE(at);
    if (at > blob.length) return undefined;
    parts.push(blob.subarray(start, at));
  }
  return parts;
}

function isWholeKey(type: string, base64: string): boolean {
  const parts = isBase64(base64) ? partsIn(Buffer.from(base64, 'base64')) : undefined;
  return parts?.length === partsOf[type] && parts?.[0]?.toString('latin1') === type;
}

/**
 * One public key as a line of an authorized_keys file: type, base64, and perhaps a comment. Options
 * before the type are refused: what a login may do is for jailctl to say. Of what may be a private
 * key no message quotes anything.
 */
export function parseAuthorizedKey(text: string): Parsed<string> {
  const code = 'authorized-key';
  if (/PRIVATE KEY/.test(text)) {
    return refused(
      'private-key',
      'this is a private key, which is for its owner alone',
      'write the public one, from the file whose name ends with .pub; and as this one has been in a manifest, make a new pair',
    );
  }
  const line = text.trim();
  if (/[\p{C}\p{Zl}\p{Zp}]/u.test(line)) {
    return refused(code, 'a key is one line, without control characters');
  }
  const [type = '', base64 = '', ...comment] = line.split(/ +/);
  if (!keyTypes.includes(type)) {
    const optioned = keyTypes.some((known) => line.includes(`${known} `));
    return optioned
      ? refused(
          code,
          `${quote(line)} has options before the key`,
          'leave them out: what a login may do is the same for every key of a jail',
        )
      : refused(code, `${quote(type)} is no type of key`, `it can be ${keyTypes.join(', ')}`);
  }
  if (!isWholeKey(type, base64)) {
    return refused(
      code,
      `${quote(line)} is no whole ${type} key`,
      'copy the whole line of the .pub file',
    );
  }
  return parsed([type, base64, ...comment].join(' '));
}

/** In an order that does not depend on the manifest's, and nothing twice. */
export function canonicalKeys(keys: readonly string[]): readonly string[] {
  const sorted = keys.toSorted();
  const byKey = new Map(sorted.map((line) => [line.split(' ').slice(0, 2).join(' '), line]));
  return [...byKey.values()];
}
