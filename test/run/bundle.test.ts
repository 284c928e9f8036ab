import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleConfig, initInJail } from '../../src/run/bundle.ts';
import type { OciConfig } from '../../src/run/oci.ts';
import type { RunSpec } from '../../src/run/run-spec.ts';
import { seccompFilter } from '../../src/run/seccomp.ts';
import { bundleHost, limits, spec, specWith, specWithNetwork } from './specs.ts';

const configOf = (of: RunSpec): OciConfig => bundleConfig(of, bundleHost);

/** Written anew by `vitest run test/run/bundle.test.ts --update`. The filter has a file of its own. */
async function expectGolden(name: string, config: OciConfig): Promise<void> {
  const { seccomp, ...linux } = config.linux;
  expect(seccomp?.defaultAction).toBe('SCMP_ACT_ERRNO');
  const text = `${JSON.stringify({ ...config, linux }, undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
}

const mountOn = (config: OciConfig, destination: string) =>
  config.mounts.find((mount) => mount.destination === destination);

describe('the golden bundle', () => {
  test('of a run as the defaults make it', () => expectGolden('default', configOf(spec)));

  test('of a run with everything else: network, terminal, fresh home, few open files', () =>
    expectGolden(
      'everything',
      bundleConfig(
        {
          ...specWithNetwork('allow'),
          terminal: { rows: 24, columns: 80 },
          home: 'fresh',
          limits: { ...limits, openFiles: 8, memoryBytes: 6 * 2 ** 20, diskBytes: 100_000 },
        },
        { architecture: 'SCMP_ARCH_AARCH64', initPath: '/opt/init', seccomp: true },
      ),
    ));

  test('of the filter', async () => {
    const filter = seccompFilter({ architecture: 'SCMP_ARCH_X86_64', network: true });
    // A rule a line: that is how a person compares them.
    const rules = filter.syscalls.map((rule) => JSON.stringify(rule)).join(',\n');
    const text = `${JSON.stringify({ ...filter, syscalls: [] }).replace('[]', `[\n${rules}\n]`)}\n`;
    expect(JSON.parse(text)).toEqual(filter);
    await expect(text).toMatchFileSnapshot('golden/seccomp.txt');
  });
});

describe('a bundle', () => {
  test('has a network namespace unless the jail may reach something', () => {
    const types = (of: RunSpec) => configOf(of).linux.namespaces.map(({ type }) => type);
    const others = ['pid', 'mount', 'ipc', 'uts', 'cgroup'];
    expect(types(spec)).toEqual([...others, 'network']);
    expect(types(specWithNetwork('host'))).toEqual(others);
    expect(types(specWithNetwork('allow'))).toEqual(others);
  });

  test('has no filter where the kernel has none', () => {
    expect(bundleConfig(spec, { ...bundleHost, seccomp: false }).linux).not.toHaveProperty(
      'seccomp',
    );
  });

  test('mounts no /sys, and terminals only for a run that has one', () => {
    const config = configOf(spec);
    expect(mountOn(config, '/sys')).toBeUndefined();
    expect(mountOn(config, '/dev/pts')).toBeUndefined();
    expect(
      mountOn(configOf(specWith({ terminal: { rows: 24, columns: 80 } })), '/dev/pts'),
    ).toMatchObject({
      options: expect.arrayContaining(['newinstance', 'nosuid', 'noexec']),
    });
  });

  test('lets nobody gain rights or make devices on anything that it mounts', () => {
    for (const changes of [{}, { terminal: { rows: 24, columns: 80 } }]) {
      for (const { destination, options } of configOf(specWith(changes)).mounts) {
        expect(options, destination).toContain('nosuid');
        const ofDevices = ['/dev', '/dev/pts'].includes(destination);
        expect(options.includes('nodev'), destination).toBe(!ofDevices);
      }
    }
  });

  test('gives the runtime descriptors to work with, and lets init lower a limit that is below', () => {
    const openFiles = (of: number) => {
      const { args, rlimits } = configOf(
        specWith({ limits: { ...limits, openFiles: of } }),
      ).process;
      const { soft, hard } = rlimits.find(({ type }) => type === 'RLIMIT_NOFILE') ?? {};
      return { args: args.slice(0, args.indexOf('--')), soft, hard };
    };
    expect(openFiles(64)).toEqual({ args: [initInJail], soft: 64, hard: 64 });
    expect(openFiles(1000)).toEqual({ args: [initInJail], soft: 1000, hard: 1000 });
    const lowered = { args: [initInJail, '--open-files', '63'], soft: 64, hard: 64 };
    expect(openFiles(63)).toEqual(lowered);
  });

  test('holds every number as JSON does: the runtimes read 64 bits, JavaScript 53', () => {
    const huge = { ...limits, memoryBytes: 16 * 2 ** 40, fileSizeBytes: 16 * 2 ** 40 };
    const numbers: number[] = [];
    JSON.stringify(configOf(specWith({ limits: huge })), (_key, value) => {
      if (typeof value === 'number') numbers.push(value);
      return value;
    });
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers.filter((number) => !Number.isSafeInteger(number) || number < 0)).toEqual([]);
  });

  test('takes arguments and variables as they are, whatever they look like', () => {
    const texts = fc.array(fc.string(), { minLength: 1 });
    const env = fc.dictionary(fc.stringMatching(/^[A-Z_]{1,8}$/), fc.string());
    fc.assert(
      fc.property(texts, env, ([first = '', ...rest], variables) => {
        const { process } = configOf(specWith({ argv: [first, ...rest], env: variables }));
        expect(process.args).toEqual([initInJail, '--', first, ...rest]);
        expect(process.env).toEqual(Object.entries(variables).map((pair) => pair.join('=')));
      }),
    );
  });
});
