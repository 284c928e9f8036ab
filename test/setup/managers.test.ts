import { describe, expect, test } from 'vitest';
import type { QueryResult } from '../../src/model/reader.ts';
import { findManager, managers, systemsOf } from '../../src/setup/detect.ts';
import { aptManager } from '../../src/setup/managers/apt.ts';
import { packageKeys } from '../../src/setup/package-manager.ts';
import { splitRemovable } from '../../src/setup/removable.ts';
import { textHost } from '../doctor/host-of.ts';

const names = ['crun', 'attr'];
const aptGet = 'env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get';
const forced = '--option Dpkg::Options::=--force-confdef --option Dpkg::Options::=--force-confold';

describe('package managers are called', () => {
  test.for([
    ['apt', 'refresh', `${aptGet} update --quiet --yes`],
    [
      'apt',
      'install',
      `${aptGet} install --quiet --yes --no-install-recommends --no-remove ${forced} -- crun attr`,
    ],
    ['apt', 'remove', `${aptGet} remove --quiet --yes --no-auto-remove -- crun attr`],
    [
      'apt',
      'forget',
      'env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 dpkg --purge -- crun attr',
    ],
    ['dnf', 'refresh', undefined],
    ['dnf', 'install', 'dnf install --assumeyes --setopt=install_weak_deps=False crun attr'],
    ['dnf', 'remove', 'rpm --erase -- crun attr'],
    ['dnf', 'forget', undefined],
    ['zypper', 'refresh', undefined],
    ['zypper', 'install', 'zypper --non-interactive install --no-recommends -- crun attr'],
    ['zypper', 'remove', 'rpm --erase -- crun attr'],
    ['zypper', 'forget', undefined],
    ['pacman', 'refresh', undefined],
    ['pacman', 'install', 'pacman --sync --needed --noconfirm -- crun attr'],
    ['pacman', 'remove', 'pacman --remove --noconfirm -- crun attr'],
    ['pacman', 'forget', undefined],
    ['apk', 'refresh', 'apk update'],
    ['apk', 'install', 'apk add --no-interactive -- crun attr'],
    ['apk', 'remove', 'apk del --no-interactive -- crun attr'],
    ['apk', 'forget', undefined],
  ] as const)('%s: %s', ([name, verb, expected]) => {
    const manager = managers.find((one) => one.name === name);
    const called = verb === 'refresh' ? manager?.refresh : manager?.[verb]?.(names);
    expect(called?.join(' ')).toBe(expected);
  });

  test('by names of packages that each of them has, but for Jailkit', () => {
    const table = managers.map(({ name, packages }) => [
      name,
      packageKeys.filter((key) => packages[key] === undefined),
    ]);
    expect(Object.fromEntries(table)).toEqual({
      ...{ apt: [], dnf: ['jailkit'], zypper: ['jailkit'], pacman: ['jailkit'], apk: ['jailkit'] },
    });
  });
});

/** A host whose tools say this, by their name. */
function hostWith(answers: Readonly<Record<string, string>>, files = {}) {
  const { reader } = textHost(files);
  const query = ([command]: readonly string[]): QueryResult => ({
    ...{ status: 0, stdout: answers[command ?? ''] ?? '', stderr: '' },
  });
  const which = (command: string) => (command in answers ? `/usr/bin/${command}` : undefined);
  return { ...reader, query, which };
}

describe('the package manager of a host', () => {
  test('reads os-release', () => {
    const text = 'NAME="x"\nID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_ID=1\n';
    expect(systemsOf(text)).toEqual(['linuxmint', 'ubuntu', 'debian']);
    expect(systemsOf("ID='alpine'\n")).toEqual(['alpine']);
    expect(systemsOf('')).toEqual([]);
  });

  test.for([
    ['Debian', 'ID=debian', ['apt-get'], 'apt'],
    ['Mint', 'ID=linuxmint\nID_LIKE="ubuntu debian"', ['apt-get', 'dnf'], 'apt'],
    ['Fedora, with an apt for images', 'ID=fedora', ['apt-get', 'dnf'], 'dnf'],
    ['Rocky', 'ID="rocky"\nID_LIKE="rhel centos fedora"', ['dnf'], 'dnf'],
    ['Leap', 'ID="opensuse-leap"\nID_LIKE="suse opensuse"', ['zypper'], 'zypper'],
    ['Manjaro', 'ID=manjaro\nID_LIKE=arch', ['pacman'], 'pacman'],
    ['Alpine', 'ID=alpine', ['apk'], 'apk'],
    ['one that says nothing, with one tool', '', ['apk'], 'apk'],
    ['one that says nothing, with two', '', ['apk', 'dnf'], undefined],
    ['Debian without apt', 'ID=debian', [], undefined],
  ] as const)('%s', ([, text, tools, expected]) => {
    const answers = Object.fromEntries(tools.map((tool) => [tool, '']));
    expect(findManager(hostWith(answers, { '/etc/os-release': text }))?.name).toBe(expected);
  });
});

describe('what a package manager says it has', () => {
  test.for([
    [
      'apt',
      'dpkg-query',
      'ii  crun\nrc  attr\nun  gone\niF  half\nrc  two\nii  two\nii  lib\nrc  lib\n',
    ],
    ['dnf', 'rpm', 'crun\ngpg-pubkey\nhalf\ntwo\nlib\n'],
    ['pacman', 'pacman', 'crun\nhalf\ntwo\nlib\n'],
    ['apk', 'apk', 'crun\nhalf\ntwo\nlib\n'],
  ] as const)('%s', ([name, tool, stdout]) => {
    const manager = managers.find((one) => one.name === name);
    const state = manager?.readState(hostWith({ [tool]: stdout }));
    expect(Object.fromEntries(state ?? [])).toEqual({
      ...{ crun: 'installed', half: 'installed', two: 'installed', lib: 'installed' },
      ...(name === 'apt' ? { attr: 'settings' } : {}),
    });
  });

  test('what is recorded and needed by others stays', () => {
    // Of each package: what goes with it.
    const needs: Readonly<Record<string, readonly string[]>> = {
      lib: ['tool', 'other'],
      tool: [],
      base: ['lib', 'tool', 'other'],
      free: [],
    };
    const recorded = Object.keys(needs).map((name) => ({ name, hadSettings: false }));
    const neededBy = (_: unknown, some: readonly string[]) => [
      ...new Set(some.flatMap((name) => needs[name] ?? []).filter((name) => !some.includes(name))),
    ];
    const { reader } = textHost({});
    const split = splitRemovable(reader, { ...aptManager, neededBy }, recorded);
    expect(split.go.map(({ name }) => name)).toEqual(['tool', 'free']);
    expect(split.kept).toEqual([
      { name: 'lib', neededBy: ['other'] },
      { name: 'base', neededBy: ['other'] },
    ]);
  });
});
