import { afterAll, afterEach, beforeAll } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { apply, shell, writeManifest } from './jails.ts';

/** Where archives go. */
export const place = '/srv/kept';

export const destroying = ['destroy', '--yes', '--destroy-data'] as const;

/** A manifest of one jail with two users. `more` are fields of the jail, each after a comma. */
export const oneJail = (more = '') => `jails:\n  web: { users: 2, tools: []${more} }\n`;

/** Names in a directory for archives; none where there is none. */
export async function archives(host: TestHost, directory = place): Promise<readonly string[]> {
  const names = await shell(host, `ls -A ${directory} 2>/dev/null || true`);
  return names.split('\n').filter(Boolean);
}

/** As shell text: takes a program of the host out of the way, until the test ends. */
export const hide = (program: string) => `mv /usr/bin/${program} /opt/hidden/`;

/** Applies a manifest, and gives the second user of its jail a file. No archive is there yet. */
export async function withData(host: TestHost, manifest = oneJail()): Promise<void> {
  await writeManifest(host, manifest);
  await apply(host);
  await shell(host, `rm -rf ${place}; echo mine >/web/home/web2/file`);
}

/** One host for all tests of a file. */
export function sharedHost(): () => TestHost {
  let host: TestHost;
  beforeAll(async () => {
    host = await testHost();
    // Now the tables are there; else the first look would make them.
    await shell(host, 'iptables -P OUTPUT ACCEPT; ip6tables -P OUTPUT ACCEPT; mkdir /opt/hidden');
  });
  afterEach(() => shell(host, 'find /opt/hidden -type f -exec mv -t /usr/bin {} +'));
  afterAll(() => host[Symbol.asyncDispose]());
  return () => host;
}
