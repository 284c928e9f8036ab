import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import type { CommandOptions } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';

const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/\/$/, '');
const bin = `${root}/node_modules/.bin`;
const options: CommandOptions = {
  cwd: '/run/use',
  env: {
    ...{ HOME: '/run/home', NO_COLOR: '1' },
    PATH: `/run/use/node_modules/.bin:${bin}:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  },
};

let host: TestHost;
let tarball: string;
let files: readonly string[];
beforeAll(async () => {
  // The host has no network: what is not in the package can't be had.
  host = await testHost({ cgroups: true });
  await host.ok(['mkdir', '-p', '/run/home', '/run/use']);
  const pack = ['npm', 'pack', '--json', '--pack-destination', '/run'] as const;
  const printed = await host.ok(pack, { ...options, cwd: root });
  // The build that npm runs before says what it does, too.
  const [packed] = JSON.parse(printed.slice(printed.indexOf('[\n')));
  tarball = `/run/${packed.filename}`;
  files = packed.files.map(({ path }: { path: string }) => path);
  await host.write('/run/use/package.json', '{ "name": "use", "type": "module" }');
  await host.ok(['npm', 'install', '--offline', '--no-audit', '--no-fund', tarball], options);
}, 180_000);
afterAll(() => host[Symbol.asyncDispose]());

describe('the package', () => {
  test('has no fault that publint and are-the-types-wrong find', async () => {
    expect(await host.ok([`${bin}/publint`, tarball, '--strict'], options)).toContain('All good!');
    // It is for a Node that loads ES modules from everywhere.
    const types = await host.ok([`${bin}/attw`, tarball, '--profile', 'esm-only'], options);
    expect(types).toMatch(/node16 \(from ESM\) │ 🟢 \(ESM\)/);
  });

  test('installs without running anything, and without any other package', async () => {
    const names = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
    expect(Object.keys(packageJson.scripts).filter((name) => names.includes(name))).toEqual([]);
    expect(packageJson).not.toHaveProperty('dependencies');
    expect(packageJson).not.toHaveProperty('optionalDependencies');
    const installed = await host.ok(['ls', '/run/use/node_modules'], options);
    expect(installed.split('\n').filter(Boolean)).toEqual(['jailctl']);
  });

  test('holds what it needs, and neither sources nor tests', () => {
    for (const path of [
      ...['dist/jailctl.js', 'dist/library.js', 'dist/types/library.d.ts', 'dist/jailctl-init'],
      ...['dist/man/jailctl.1', 'dist/man/jails.yaml.5', 'completions/jailctl.bash'],
      ...['schemas/jails.schema.json', 'requirements/python3.txt', 'jails.yaml', 'LICENSE'],
    ]) {
      expect(files).toContain(path);
    }
    const odd = files.filter((path) =>
      /^(?:src|test|native|scripts|bench|node_modules)\//.test(path),
    );
    expect(odd).toEqual([]);
  });

  test('is for the processors that its programs are built for', async () => {
    const program = '/run/use/node_modules/jailctl/dist/jailctl-init';
    expect(await host.ok(['readelf', '--file-header', program])).toMatch(/Machine: .*X86-64/);
    expect(packageJson.cpu).toEqual(['x64']);
  });
});

describe('an installed jailctl', () => {
  test('runs: version, init, validate, schema, completion', async () => {
    expect(await host.ok(['jailctl', '--version'], options)).toBe(`${packageJson.version}\n`);
    await host.ok(['jailctl', 'init', 'made'], options);
    const valid = await host.ok(['jailctl', 'validate', '--file', 'made/jails.yaml'], options);
    expect(valid).toBe('made/jails.yaml is valid: 1 jail with 2 users\n');
    expect(JSON.parse(await host.ok(['jailctl', 'schema'], options)).title).toBe('jails.yaml');
    expect(await host.ok(['jailctl', 'completion', 'bash'], options)).toContain('complete -F');
  });

  test('runs programs in a jail: its own programs are there', async () => {
    await host.write(
      '/run/use/box.yaml',
      'version: 1\nroot: /srv\nuids: 82600-82699\njails: { box: { users: 1, tools: [sh] } }\n',
    );
    await host.ok(['jailctl', 'apply', '--yes', '--file', 'box.yaml'], options);
    const argv = ['jailctl', 'exec', 'box', '--', 'sh', '-c', 'echo $HOME'] as const;
    expect(await host.ok(argv, options)).toBe('/home/box1\n');
  });

  test('brings the man pages that its package.json names', async () => {
    expect(packageJson.man.map((path) => path.replace('./', ''))).toEqual(
      files.filter((path) => path.startsWith('dist/man/')),
    );
  });
});

describe('the library', () => {
  const check = (name: string) =>
    host.run([`${bin}/tsc`, '--project', `${name}.json`, '--pretty', 'false'], options);

  async function writeProgram(name: string, text: string): Promise<void> {
    await host.write(`/run/use/${name}.ts`, text);
    const compilerOptions = {
      ...{ strict: true, module: 'nodenext', moduleResolution: 'nodenext', target: 'es2024' },
      ...{ noEmit: true, skipLibCheck: false, exactOptionalPropertyTypes: true },
      ...{ lib: ['es2024', 'esnext.disposable'], types: ['node'] },
      typeRoots: [`${root}/node_modules/@types`],
    };
    const config = { compilerOptions, files: [`${name}.ts`] };
    await host.write(`/run/use/${name}.json`, JSON.stringify(config));
  }

  test('has types that check strictly', async () => {
    await writeProgram(
      'good',
      `import { Failure, openJail, type ExecResult, type Limits } from 'jailctl';
       const limits: Partial<Limits> = { memoryBytes: 64 * 2 ** 20 };
       await using jail = await openJail('box', { engine: 'runc' });
       const result: ExecResult = await jail.exec(['sh', '-c', 'true'], { stdin: 'x', limits });
       const text: string = result.stdout.toString();
       if (result.status === 'time_limit') throw new Failure(text, { exitCode: 1 });`,
    );
    expect(await check('good')).toMatchObject({ exitCode: 0, stdout: '' });
  });

  test.for([
    ['an unknown option', `await openJail('box', { motor: 'runc' })`, /motor/],
    ['an empty command', `const j = await openJail('box'); await j.exec([])`, /TS2345/],
    [
      'an unknown status',
      `const j = await openJail('b'); (await j.exec(['a'])).status === 'x'`,
      /TS2367/,
    ],
  ] as const)('has types that refuse %s', async ([, statement, message]) => {
    await writeProgram('bad', `import { openJail } from 'jailctl';\n${statement};\n`);
    const { exitCode, stdout } = await check('bad');
    expect(exitCode).not.toBe(0);
    expect(stdout).toMatch(message);
  });

  test('is imported, and required', async () => {
    const body = `openJail('nix').catch((error) =>
      console.log(error instanceof Failure, error.exitCode, error.message))`;
    const imports = `const { openJail, Failure } = await import('jailctl');`;
    const run = (source: string, type: string) =>
      host.ok([process.execPath, `--input-type=${type}`, '--eval', source], options);
    const said = 'true 3 this host has no jail nix\n';
    expect(await run(`${imports}${body}`, 'module')).toBe(said);
    const requires = `const { openJail, Failure } = require('jailctl');`;
    expect(await run(`${requires}${body}`, 'commonjs')).toBe(said);
  });
});
