import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { OciConfig } from '../../run/oci.ts';
import type { Weakening } from '../../verify/mutation.ts';
import { toolEnvironment } from '../path.ts';
import { editConfig, UnfitError } from './edit-config.ts';

/**
 * A program of its own: `node weak-runtime.js DIRECTORY BUNDLE` takes a layer away from the run that
 * an OCI runtime is about to start. It is called by what stands for the runtime on a throwaway host
 * (mutate.ts), so that jailctl itself has no way to start a run with less than all its layers.
 *
 * In DIRECTORY: `change.json` says what to do; a line is added to `taken` for each run that it was
 * done for, and to `unfit` for each whose configuration is not as the change expects: not every
 * jail has every layer. When it goes wrong, it says so on stderr and exits with 1.
 */
const [directory, bundle] = process.argv.slice(2) as [string, string];

type ChangeOfRuns = Extract<Weakening, { on: 'runs' }>;

function weaken(config: OciConfig, { edits, script }: ChangeOfRuns): OciConfig {
  const weak = editConfig(config, edits);
  if (script === undefined) return weak;
  const { status, stderr } = spawnSync('/bin/sh', ['-e', '-c', script], {
    env: {
      ...toolEnvironment,
      JAIL: config.root.path,
      // The bundle of a run lies in a directory with the name of its user.
      NAME: basename(bundle),
      ID: String(config.process.user.uid),
    },
    cwd: '/',
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the script ended with ${status}: ${stderr.trim()}`);
  return weak;
}

const change: ChangeOfRuns = JSON.parse(readFileSync(`${directory}/change.json`, 'utf8'));
const file = `${bundle}/config.json`;
const config: OciConfig = JSON.parse(readFileSync(file, 'utf8'));
try {
  writeFileSync(file, JSON.stringify(weaken(config, change)));
  appendFileSync(`${directory}/taken`, `${basename(bundle)}\n`);
} catch (error) {
  if (!(error instanceof UnfitError)) throw error;
  appendFileSync(`${directory}/unfit`, `${basename(bundle)}: ${error.message}\n`);
}
