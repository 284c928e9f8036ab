/**
 * What jailctl costs, beside what else does the same and beside the least that could: README.md.
 * Everything happens on throwaway hosts, one for each case, so none finds what another has left.
 */
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import packageJson from '../package.json' with { type: 'json' };
import { createThrowawayHost } from '../src/host/throwaway.ts';
import { type Case, type Effort, sampleKey } from './case.ts';
import { cases, rowSpecs } from './cases.ts';
import { type Options, readOptions, usage } from './options.ts';
import { record } from './record.ts';
import { type Failed, type Machine, resultsOf } from './report/document.ts';
import { resultsText } from './report/text.ts';
import type { Sample, Samples } from './sample.ts';

const inside = fileURLToPath(new URL('inside.ts', import.meta.url));

/** @throws Error with what the case wrote, when it fails */
async function measure({ name }: Case, effort: Effort): Promise<Samples> {
  await using host = await createThrowawayHost({ cgroups: true });
  const argv = [process.execPath, inside, name, JSON.stringify(effort)] as const;
  const { exitCode, signal, stdout, stderr } = await host.run(argv);
  if (exitCode === 0) return JSON.parse(stdout) as Samples;
  throw new Error(`it ended with ${exitCode ?? signal}: ${stderr.trim()}`);
}

function machine(): Machine {
  const system = /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    memory_mib: Math.round(totalmem() / 1024 ** 2),
    kernel: release(),
    system: system ?? 'unknown',
    node: process.versions.node,
  };
}

function options(): Options | undefined {
  try {
    return readOptions(process.argv.slice(2), cases);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${usage}`);
    return undefined;
  }
}

async function main(): Promise<number> {
  const wanted = options();
  if (wanted === undefined) return 3;
  const begin = Date.now();
  const minutes = () => Number(((Date.now() - begin) / 60_000).toFixed(1));
  const all: Record<string, readonly Sample[]> = {};
  const failed: Failed[] = [];
  for (const { one, effort } of wanted.chosen) {
    console.error(`${minutes().toFixed(1)} min: ${one.name}, ${effort.rounds} rounds`);
    try {
      for (const [name, samples] of Object.entries(await measure(one, effort))) {
        all[sampleKey(one.name, name)] = samples;
      }
    } catch (error) {
      // The others are still worth their time.
      failed.push({ case: one.name, message: (error as Error).message });
    }
  }
  const about = {
    begun: new Date(begin).toISOString(),
    minutes: minutes(),
    jailctl: packageJson.version,
    machine: machine(),
    failed,
  };
  const results = resultsOf(about, all, rowSpecs);
  if (wanted.record) record(results);
  process.stdout.write(
    wanted.json ? `${JSON.stringify(results, undefined, 2)}\n` : resultsText(results),
  );
  return failed.length > 0 ? 1 : 0;
}

process.exitCode = await main();
