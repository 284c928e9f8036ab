import type { Manifest } from '../../model/manifest.ts';
import type { EngineFacts } from '../../model/run-facts.ts';
import { type Check, type Finding, finding } from '../check.ts';

const works = ({ path, fault }: EngineFacts) => path !== undefined && fault === undefined;

/** What jailctl takes where nobody names an engine (src/host/run/engine.ts). */
const isTaken = ({ name }: EngineFacts) => name === 'crun' || name === 'runc';

function describe({ name, path, version, fault }: EngineFacts): string {
  if (path === undefined) return `${name}: not on this host`;
  return fault === undefined
    ? `${name}: ${path}, ${version ?? ''}`
    : `${name}: ${path}, but ${fault}`;
}

function takenFinding(engines: readonly EngineFacts[]): Finding {
  const taken = engines.filter(isTaken);
  const best = taken.find(works);
  const evidence = engines.map(describe);
  if (best !== undefined) {
    return { ...finding('info', `runs are started by ${best.name}`), evidence };
  }
  const remedies = [
    { does: 'installs one', command: 'jailctl setup' },
    { does: 'does without, with far fewer layers', manifest: 'engine: chroot' },
  ];
  return { ...finding('problem', 'no OCI runtime works here', remedies), evidence };
}

function namedFindings(engines: readonly EngineFacts[], manifest: Manifest): readonly Finding[] {
  return manifest.jails.flatMap(({ name, engine, at }) => {
    const facts = engines.find((one) => one.name === engine);
    if (facts === undefined || works(facts)) return [];
    const message = `${at.file}:${at.line}: the jail ${name} wants ${describe(facts)}`;
    return finding('problem', message, [
      engine === 'runsc'
        ? { does: 'install gVisor: https://gvisor.dev/docs/user_guide/install' }
        : { does: 'installs it', command: 'jailctl setup' },
      { does: 'takes the best one that works, when it is left out', manifest: `engine: ${engine}` },
    ]);
  });
}

export const enginesCheck: Check = {
  id: 'engines',
  title: 'what starts runs',
  examine: ({ runs, manifest }) => [
    takenFinding(runs.engines),
    ...(manifest === undefined ? [] : namedFindings(runs.engines, manifest)),
  ],
};
