import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { schemaNames } from '../../src/cli/commands/schema.ts';
import { builtinLimits } from '../../src/manifest/limits.ts';
import { loadManifest } from '../../src/manifest/load.ts';
import {
  journalDirectory,
  loginLimitsFile,
  privateDirectory,
  stateDirectory,
} from '../../src/model/host-paths.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { blocks, isShown, shownCommands } from './console.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const read = (name: string) => readFileSync(`${root}/${name}`, 'utf8');
const readme = read('README.md');

describe('the comparison of shown and real output', () => {
  const real = ['a', '+ 12 files, 3 MiB', 'b', 'c'];

  test('lets lines be left out and amounts differ', () => {
    expect(isShown(real, real)).toBe(true);
    expect(isShown(['a', '  …', 'c'], real)).toBe(true);
    expect(isShown(['…'], [])).toBe(true);
    expect(isShown(['a', '+ 1,300 files, 4.5 MiB', '…'], real)).toBe(true);
  });

  test.for([
    ['a line that is not there', ['…', 'd']],
    ['a line too few', ['a', '+ 12 files, 3 MiB', 'b']],
    ['another line', ['a', '+ 12 files, 3 MiB', 'x', 'c']],
    ['another order', ['b', '…', 'a', '…']],
    ['another unit', ['a', '+ 12 files, 3 KiB', '…']],
    ['nothing', []],
  ] as const)('sees %s', ([, shown]) => {
    expect(isShown(shown, real)).toBe(false);
  });
});

describe('README', () => {
  /** A pool of its own: the kernel counts processes of a UID over all throwaway hosts. */
  const ownPool = (text: string) =>
    text.replaceAll('70000-89999', '83000-83999').replace(/\b7000(?=[01]\b)/g, '8300');

  async function prepare(host: TestHost): Promise<Readonly<Record<string, string>>> {
    const program = '#!/bin/sh\nexec "$NODE" "$JAILCTL" "$@"\n';
    await host.write('/run/readme/jailctl', program, 0o755);
    await host.write(`${root}/jails.yaml`, ownPool(read('jails.yaml')));
    const directories = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    return {
      PATH: `/run/readme:${directories}`,
      NODE: process.execPath,
      JAILCTL: `${root}/dist/jailctl.js`,
    };
  }

  test('shows what really happens, command by command', async () => {
    const commands = blocks(readme, 'console').flatMap(shownCommands);
    expect(commands.length).toBeGreaterThan(12);
    await using host = await testHost({ cgroups: true });
    const env = await prepare(host);
    for (const { command, output } of commands) {
      // One stream for both, so that lines come in the order in which they were written.
      const argv = ['bash', '-c', 'exec 2>&1; eval "$1"', 'bash', command] as const;
      const { stdout } = await host.run(argv, { cwd: root, env });
      const real = stdout === '' ? [] : stdout.replace(/\n$/, '').split('\n');
      const isTrue = isShown(output.map(ownPool), real);
      expect(isTrue, `README shows something else for: ${command}\n${stdout}`).toBe(true);
    }
    const left = await host.run(['sh', '-c', 'ls -d /jail /var/lib/jailctl; iptables-save']);
    expect(left.stdout).not.toMatch(/jail/i);
  }, 180_000);

  test('has a picture of what really happens', async () => {
    const drawn = [...read('docs/apply.svg').matchAll(/y="(\d+)"[^>]*>([^<]*)<\/text>/g)];
    const lines = Map.groupBy(drawn, ([, y]) => y).values();
    const shown = [...lines].map((parts) => parts.map(([, , text]) => text?.trim()).join(' '));
    const [command, ...planned] = shown.slice(
      0,
      shown.findIndex((one) => one.startsWith('Make ')),
    );
    expect(command).toBe('# jailctl apply');
    expect(planned.length).toBeGreaterThan(20);
    await using host = await testHost();
    const { stdout } = await host.jailctl(['plan', '--file', `${root}/jails.yaml`]);
    const real = stdout.split('\n').map((line) => line.trim());
    // Where the files are differs with the host's version of Python.
    const isKept = (line: string) => !/^$|^[\d,]+ in \/|^… and /.test(line);
    expect(isShown(planned.filter(isKept), real.filter(isKept))).toBe(true);
  });

  test('shows manifests that are valid, and defaults that are those of jailctl', () => {
    const manifests = blocks(readme, 'yaml');
    expect(manifests).toHaveLength(2);
    const [short, long] = manifests.map((text) => {
      const readText = (path: string) => (path === 'shown.yaml' ? text : read(path));
      const loaded = loadManifest('shown.yaml', readText);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
      return loaded.value;
    });
    const real = loadManifest('jails.yaml', read);
    const essence = (jail: object) =>
      JSON.stringify(jail, (key, held) => (key === 'at' ? 0 : held));
    expect(short?.jails.map(essence)).toEqual(real.ok && real.value.jails.map(essence));
    expect(long?.jails.find(({ name }) => name === 'other')?.limits).toEqual(builtinLimits);
  });

  test('names every field of a manifest in its example', () => {
    const schema = JSON.parse(read('schemas/jails.schema.json'));
    const [, long = ''] = blocks(readme, 'yaml');
    const { jail, limits, network, target } = schema.definitions;
    const maps = [schema, schema.properties.defaults, jail, limits, network, target];
    const names = maps.flatMap(({ properties }) => Object.keys(properties));
    expect(names.length).toBeGreaterThan(20);
    for (const name of names) expect(long, name).toMatch(new RegExp(`\\b${name}:`));
  });

  test('lists the exit codes, commands, flags and documents that there are', async () => {
    await using host = await testHost();
    const help = async (...args: string[]) => (await host.jailctl([...args, '--help'])).stdout;
    const codesOf = (text: string) => text.match(/\b\d+\b/g)?.sort();
    const [, codesInHelp = ''] = (await help()).split('Exit codes:');
    const [, codesInReadme = ''] = /^\| exit code.*\n\|.*\n((?:\|.*\n)*)/m.exec(readme) ?? [];
    expect(codesOf(codesInReadme)).toEqual(codesOf(codesInHelp));
    expect(codesOf(codesInHelp)?.length).toBeGreaterThan(7);
    const commands = [...(await help()).matchAll(/^ {2}([a-z]+) .*/gm)].map(([, name]) => name);
    const listed = [...readme.matchAll(/^\| `jailctl ([a-z]+)/gm)].map(([, name]) => name);
    expect(listed.sort()).toEqual(
      commands.filter((name) => name !== 'help' && !/^\d/.test(name ?? '')).sort(),
    );
    for (const command of listed) {
      for (const [flag] of (await help(command ?? '')).matchAll(/--[a-z-]+/g)) {
        if (flag !== '--help') expect(readme, `${command} ${flag}`).toContain(flag);
      }
    }
    for (const name of schemaNames) expect(readme).toContain(`\`${name}\``);
  });

  test('names the places on the host that jailctl writes to', () => {
    for (const path of [
      ...[stateDirectory, loginLimitsFile, journalDirectory],
      privateDirectory('').slice(1),
    ]) {
      expect(readme).toContain(`\`${path}\``);
    }
  });

  test('names scripts of npm and Node versions that there are', () => {
    const text = blocks(readme, 'sh').join('\n');
    const scripts = [
      ...text.matchAll(
        /npm (?:run )?(start|test:faults|test:vm|test|build|lint|format|bench|picture)\b/g,
      ),
    ];
    expect(scripts.map(([, name]) => name)).toEqual(
      // npm itself runs prepack.
      expect.arrayContaining(Object.keys(packageJson.scripts).filter((one) => one !== 'prepack')),
    );
    const [, wanted] = />=(\S+)/.exec(packageJson.engines.node) ?? [];
    expect(readme).toContain(`Node ${wanted} or later`);
  });
});

describe.for(['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'])('%s', (name) => {
  test('leads to files that are there', () => {
    const text = read(name);
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path = '']) => path);
    const paths = [...text.matchAll(/`((?:src|test|schemas|requirements|scripts)\/[^`]*)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => !path.includes('NAME'));
    for (const path of [...links, ...paths]) expect(existsSync(`${root}/${path}`), path).toBe(true);
  });
});
