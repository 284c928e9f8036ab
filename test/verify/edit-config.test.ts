import { describe, expect, test } from 'vitest';
import { editConfig, UnfitError } from '../../src/host/verify/edit-config.ts';
import { bundleConfig } from '../../src/run/bundle.ts';
import type { ConfigEdit } from '../../src/verify/mutation.ts';
import { bundleHost, spec } from '../run/specs.ts';

const config = bundleConfig(spec, bundleHost);

const edit = (...edits: readonly ConfigEdit[]) => editConfig(config, edits);

describe('an edit of the configuration of a run', () => {
  test('removes what is named, and nothing else', () => {
    const { seccomp, ...linux } = config.linux;
    expect(seccomp).toBeDefined();
    expect(edit({ remove: 'linux.seccomp' })).toEqual({ ...config, linux });
  });

  test('sets what is there, and what is not', () => {
    const edited = edit(
      { set: 'process.noNewPrivileges', value: false },
      { set: 'process.capabilities.bounding', value: ['CAP_SYS_ADMIN'] },
      { set: 'linux.sysctl', value: { 'net.ipv4.ip_forward': '1' } },
      { set: 'root.readonly', value: false },
    );
    const { process, linux } = config;
    const capabilities = { ...process.capabilities, bounding: ['CAP_SYS_ADMIN'] };
    expect(edited).toEqual({
      ...config,
      process: { ...process, noNewPrivileges: false, capabilities },
      root: { ...config.root, readonly: false },
      linux: { ...linux, sysctl: { 'net.ipv4.ip_forward': '1' } },
    });
  });

  test('appends to a list', () => {
    const value = { destination: '/mnt', source: '/', options: ['bind'] };
    expect(edit({ append: 'mounts', value }).mounts).toEqual([...config.mounts, value]);
  });

  test('removes elements of a list by one of their values', () => {
    const { namespaces } = edit({
      removeFrom: 'linux.namespaces',
      key: 'type',
      value: 'pid',
    }).linux;
    expect(namespaces).toEqual(config.linux.namespaces.filter(({ type }) => type !== 'pid'));
    expect(namespaces).toHaveLength(config.linux.namespaces.length - 1);
  });

  test('works on what the edits before it have made', () => {
    const value = { destination: '/tmp', source: '/tmp', options: ['bind'] };
    const { mounts } = edit(
      { removeFrom: 'mounts', key: 'destination', value: '/tmp' },
      { append: 'mounts', value },
    );
    expect(mounts.filter(({ destination }) => destination === '/tmp')).toEqual([value]);
  });

  test('leaves the configuration that it was given as it is', () => {
    const before = structuredClone(config);
    edit({ remove: 'linux.seccomp' }, { append: 'mounts', value: {} });
    expect(config).toEqual(before);
  });

  test.for<[ConfigEdit, string]>([
    [{ remove: 'linux.umbrella' }, 'no linux.umbrella'],
    [{ remove: 'linux.umbrella.colour' }, 'hold linux.umbrella.colour'],
    [{ set: 'umbrella.colour', value: 1 }, 'hold umbrella.colour'],
    [{ set: 'hostname.colour', value: 1 }, 'hold hostname.colour'],
    [{ set: 'process.noNewPrivileges', value: true }, 'noNewPrivileges is true already'],
    [{ set: 'process.capabilities.bounding', value: [] }, 'is [] already'],
    [{ append: 'linux.umbrellas', value: 1 }, 'no list linux.umbrellas'],
    [{ append: 'process', value: 1 }, 'no list process'],
    [{ removeFrom: 'linux.namespaces', key: 'type', value: 'time' }, 'has type "time"'],
    [{ removeFrom: 'linux.spaces', key: 'type', value: 'pid' }, 'no list linux.spaces'],
  ])('that would change nothing is an error: %j', ([one, message]) => {
    expect(() => edit(one)).toThrow(UnfitError);
    expect(() => edit(one)).toThrow(message);
  });

  test('is made with all others or not at all', () => {
    expect(() => edit({ remove: 'linux.seccomp' }, { remove: 'linux.seccomp' })).toThrow(
      UnfitError,
    );
  });
});
