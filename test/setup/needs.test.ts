import { describe, expect, test } from 'vitest';
import { loadManifest } from '../../src/manifest/load.ts';
import { toolsOfAChange, toolsOfRuns } from '../../src/model/host-tools.ts';
import type { Manifest } from '../../src/model/manifest.ts';
import type { EngineFacts, RunFacts } from '../../src/model/run-facts.ts';
import { needsOf } from '../../src/setup/needs.ts';
import type { PackageState } from '../../src/setup/package-manager.ts';
import { textHost } from '../doctor/host-of.ts';

function manifestOf(jail: string): Manifest {
  const loaded = loadManifest('jails.yaml', () => `version: 1\njails:\n  web: ${jail}\n`);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics));
  return loaded.value;
}

const there = (name: EngineFacts['name'], fault?: string): EngineFacts => {
  return { name, path: `/usr/bin/${name}`, ...(fault === undefined ? {} : { fault }) };
};
const runs = (...engines: readonly EngineFacts[]): RunFacts => {
  return { cgroups: 'v2', controllers: [], engines };
};
const complete = runs(there('crun'), there('runc'), there('runsc'), there('chroot'));

/** What a host with all tools but these lacks for a manifest. */
function lacks(
  manifest: Manifest,
  without: readonly string[] = [],
  facts = complete,
  packages: readonly string[] = [],
) {
  const present = [
    ...toolsOfAChange,
    ...toolsOfRuns,
    'zstd',
    'tar',
    'jk_init',
    'jk_chrootsh',
    'sshd',
  ];
  const which = (tool: string) =>
    present.includes(tool) && !without.includes(tool) ? `/bin/${tool}` : undefined;
  const state = new Map<string, PackageState>(packages.map((name) => [name, 'installed']));
  const reader = { ...textHost({}).reader, which };
  const { needs, byHand } = needsOf(reader, manifest, facts, state);
  const wanted = needs.map((one) => ('key' in one.wanted ? one.wanted.key : `=${one.wanted.name}`));
  return [...wanted, ...byHand.map(({ what }) => what)];
}

const plain = manifestOf('{ users: 1, tools: [ls] }');

describe('a manifest needs', () => {
  test('nothing where all is there', () => {
    expect(lacks(plain)).toEqual([]);
  });

  test('each tool that jailctl calls, by its package', () => {
    expect(lacks(plain, ['vipw', 'du', 'cp', 'setpriv', 'find', 'ip6tables-save'])).toEqual([
      ...['iptables', 'coreutils', 'passwd', 'util-linux', 'findutils'],
    ]);
  });

  const faulty = there('crun', 'it refuses hybrid cgroups');
  test.for([
    ['the best engine where there is none', [{ name: 'crun' }, { name: 'runc' }], ['crun']],
    ['runc first on hybrid cgroups', [{ name: 'runc' }, { name: 'crun' }], ['runc']],
    ['runc where crun refuses', [{ name: 'runc' }, faulty], ['runc']],
    ['no second engine', [{ name: 'crun' }, there('runc')], []],
    ['no OCI runtime but these', [{ name: 'crun' }, { name: 'runc' }, there('runsc')], ['crun']],
  ] as const)('%s', ([, engines, expected]) => {
    expect(lacks(plain, [], runs(...engines))).toEqual(expected);
  });

  test('the engine that a jail names', () => {
    const facts = runs(there('crun'), { name: 'runc' }, { name: 'runsc' }, there('chroot'));
    const named = (engine: string) => manifestOf(`{ users: 1, tools: [], engine: ${engine} }`);
    expect(lacks(named('runc'), [], facts)).toEqual(['runc']);
    expect(lacks(named('runsc'), [], facts)).toEqual(['runsc, the engine of gVisor']);
    expect(lacks(named('chroot'), [], facts)).toEqual([]);
  });

  test('what archives are made with, where a jail is archived', () => {
    const without = ['tar', 'zstd'];
    expect(lacks(plain, without)).toEqual([]);
    const archived = manifestOf('{ users: 1, tools: [], archive: /srv/archive }');
    expect(lacks(archived, without)).toEqual(['tar', 'zstd']);
  });

  test('Jailkit for its sections, and for logins', () => {
    const without = ['jk_init', 'jk_chrootsh', 'sshd'];
    expect(lacks(plain, without)).toEqual([]);
    const sections = manifestOf('{ users: 1, tools: ["jailkit:basicshell"] }');
    expect(lacks(sections, without)).toEqual(['jailkit']);
    const [jail] = plain.jails;
    const logins = { ...plain, jails: [{ ...jail, login: 'chroot' }] } as unknown as Manifest;
    expect(lacks(logins, without)).toEqual(['jailkit', 'openssh-server']);
    expect(lacks(logins)).toEqual([]);
  });

  test('packages whose files a jail takes, unless it can be without them', () => {
    const packages = manifestOf(
      '{ users: 1, tools: ["package:bc", "package:libc6:amd64", "package:jq", "?package:none"] }',
    );
    expect(lacks(packages, [], complete, ['libc6', 'bc'])).toEqual(['=jq']);
  });
});
