import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { TestHost } from '../rig/host.ts';
import { quoted } from '../scenarios/cli.ts';
import { shell } from '../scenarios/jails.ts';

/** A change of the built jailctl that takes one guard out. */
export interface Mutant {
  /** Text that is there exactly once. */
  readonly guard: string;
  /** What takes its place. */
  readonly instead: string;
}

const project = new URL('../../', import.meta.url);
const dist = new URL('dist/', project);

/** Where a mutant lies in a throwaway host: on the real one there is none. */
const place = '/opt/mutant';
export const mutantPath = `${place}/dist/jailctl.js`;

/**
 * Puts a mutant in a throwaway host.
 * @throws Error unless the guard is there exactly once: the test has to follow the source
 */
export async function makeMutant(host: TestHost, { guard, instead }: Mutant): Promise<void> {
  const files = readdirSync(dist).filter((name) => name.endsWith('.js'));
  const texts = files.map((file) => ({ file, text: readFileSync(new URL(file, dist), 'utf8') }));
  const count = texts.reduce((sum, { text }) => sum + text.split(guard).length - 1, 0);
  const found = texts.find(({ text }) => text.includes(guard));
  if (count !== 1 || found === undefined) {
    throw new Error(`the guard is ${count} times in dist, not once: ${guard}`);
  }
  const copied = 'dist schemas requirements jails.yaml package.json';
  const from = quoted(fileURLToPath(project));
  await shell(host, `mkdir -p ${place}; cd ${from}; cp -r ${copied} ${place}`);
  await host.write(`${place}/dist/${found.file}`, found.text.replace(guard, instead));
}
