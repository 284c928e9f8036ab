import { describe, expect, test } from 'vitest';
import { bootCheck } from '../../src/doctor/host/boot.ts';
import { ipv6Check } from '../../src/doctor/host/ipv6.ts';
import { ownerMatchCheck } from '../../src/doctor/host/owner-match.ts';
import { profilesCheck } from '../../src/doctor/host/profiles.ts';
import type { Reader } from '../../src/model/reader.ts';
import { textHost } from './host-of.ts';

describe('AppArmor', () => {
  const profiles = (text: string) => {
    const host = textHost({ '/sys/kernel/security/apparmor/profiles': text });
    const engines = [{ name: 'runc', path: '/usr/sbin/runc' }, { name: 'crun' }] as const;
    return profilesCheck.examine({ ...host, runs: { ...host.runs, engines } });
  };

  test.for([
    ['a profile of a runtime by its path', '/usr/sbin/runc (enforce)\n', 1],
    ['a profile of a runtime by its name', 'bash (enforce)\nrunc (enforce)\n', 1],
    ['one of a runtime that is not there', 'crun (enforce)\n', 0],
    ['one that only notes', 'runc (complain)\n', 0],
    ['one that only allows user namespaces, as in Ubuntu 24.04', 'runc (unconfined)\n', 0],
    ['one of something else', 'docker-runc (enforce)\n', 0],
    ['none', '', 0],
  ] as const)('%s', ([, text, found]) => {
    const findings = profiles(text);
    expect(findings).toHaveLength(found);
    for (const { status, remedies } of findings) {
      expect(status).toBe('warning');
      expect(remedies.at(-1)?.command).toMatch(/^aa-complain (?:\/usr\/sbin\/)?runc$/);
    }
  });
});

describe('the owner match', () => {
  const examine = (files: Readonly<Record<string, string>>, more: Partial<Reader> = {}) => {
    const host = textHost(files);
    const query = () => ({ status: 1, stdout: '', stderr: '' });
    return ownerMatchCheck.examine({ ...host, reader: { ...host.reader, query, ...more } });
  };

  test('is there when the kernel lists it, has its module, or can load it', () => {
    expect(examine({ '/proc/net/ip_tables_matches': 'udp\nowner\n' })).toEqual([]);
    expect(examine({ '/proc/net/ip6_tables_matches': 'owner\n' })).toEqual([]);
    const query: Reader['query'] = ([command]) => {
      return { status: command === 'modprobe' ? 0 : 1, stdout: '', stderr: '' };
    };
    expect(examine({}, { query, which: (name) => `/sbin/${name}` })).toEqual([]);
  });

  test('is unknown where nothing tells', () => {
    expect(examine({ '/proc/net/ip_tables_matches': 'udp\nownership\n' })).toMatchObject([
      { status: 'unknown', remedies: [{ command: 'jailctl rehearse' }] },
    ]);
  });
});

test('a host that starts nothing at boot that jailctl knows is warned', () => {
  const host = textHost({});
  expect(bootCheck.examine(host)).toMatchObject([{ status: 'info', message: 'systemd' }]);
  expect(bootCheck.examine({ ...host, init: undefined })).toMatchObject([{ status: 'warning' }]);
});

test('a kernel without IPv6 is warned', () => {
  expect(ipv6Check.examine(textHost({}))).toMatchObject([{ status: 'warning' }]);
});
