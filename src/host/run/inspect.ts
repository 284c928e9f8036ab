import type { CgroupMode, EngineFacts, RunFacts } from '../../model/run-facts.ts';
import { type EngineName, engineNames } from '../../model/settings.ts';
import { hostReader } from '../reader.ts';
import { controllers, foreseeCgroups } from './cgroups.ts';
import { engineCommand, preference } from './engine.ts';

/** A program that can't find its libraries says so when it is asked for its version. */
function askVersion(command: string): Pick<EngineFacts, 'version' | 'fault'> {
  try {
    const { status, stdout, stderr } = hostReader.query([command, '--version']);
    const [version = ''] = stdout.split('\n');
    return status === 0 ? { version } : { fault: stderr.trim() || `it exits with ${status}` };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
}

function inspectEngine(name: EngineName, mode: CgroupMode): EngineFacts {
  const command = engineCommand(name);
  const path = hostReader.which(command);
  if (path === undefined) return { name };
  if (name === 'crun' && mode === 'hybrid') {
    const fault = 'it refuses to start where both versions of cgroups are mounted (1.8.1 does)';
    return { name, path, fault, ...askVersion(command) };
  }
  return { name, path, ...askVersion(command) };
}

/** What this host has to run programs with. Nothing is changed, and no program is run in a jail. */
export function inspectRuns(): RunFacts {
  const { mode, unusable } = foreseeCgroups();
  const taken = preference(mode);
  const asked = engineNames.filter((name) => !taken.includes(name));
  return {
    cgroups: mode,
    controllers: controllers.map((name) => {
      const fault = unusable.get(name);
      return fault === undefined ? { name } : { name, fault };
    }),
    engines: [...taken, ...asked].map((name) => inspectEngine(name, mode)),
  };
}
