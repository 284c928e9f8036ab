import { readJailSettings, readRegister } from '../kinds/jail/observe.ts';
import { exitCode } from '../model/exit-code.ts';
import { Failure } from '../model/failure.ts';
import { markerFile } from '../model/host-paths.ts';
import { nearest } from '../model/nearest.ts';
import type { Reader } from '../model/reader.ts';
import type { JailSettings } from '../model/settings.ts';

function suggest(name: string, names: readonly string[]): string | undefined {
  const near = nearest(name, names);
  return near === undefined ? undefined : `did you mean ${near}?`;
}

/**
 * A jail as it was applied.
 * @throws Failure with exit code 3 when the host has none of that name, or none that can be read
 */
export function findJail(reader: Reader, name: string): JailSettings {
  const jail = readJailSettings(reader, name);
  if (jail !== undefined) return jail;
  const register = readRegister(reader);
  const damaged = register.get(name);
  if (damaged !== undefined) {
    throw new Failure(`the settings of jail ${name} are missing or damaged`, {
      exitCode: exitCode.usage,
      hint: `jailctl apply writes ${markerFile(damaged.path)} anew`,
    });
  }
  const names = [...register.keys()];
  throw new Failure(`this host has no jail ${name}`, {
    exitCode: exitCode.usage,
    hint:
      names.length === 0
        ? 'jailctl apply makes it'
        : (suggest(name, names) ?? `there are: ${names.join(', ')}`),
  });
}
