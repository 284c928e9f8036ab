import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { testHost } from '../rig/host.ts';
import { environment, home, installCollection, projectPath } from './fleet.ts';

const read = (path: string) => readFileSync(`${projectPath}/ansible/${path}`, 'utf8');

test('the collection is built in the version of the package, and documents its module', async () => {
  await using host = await testHost();
  // The name of the archive has the version in it.
  await installCollection(host);
  const shown = await host.run(['ansible-doc', '--json', 'jailctl.jailctl.jails'], {
    env: environment,
    cwd: home,
  });
  expect(shown).toMatchObject({ exitCode: 0, stderr: '' });
  const { doc, examples, return: returned } = JSON.parse(shown.stdout)['jailctl.jailctl.jails'];
  const [, spec = ''] =
    /argument_spec=\{(.*?)\n {8}\},/s.exec(read('plugins/modules/jails.py')) ?? [];
  const accepted = [...spec.matchAll(/^ {12}'(\w+)'/gm)].map(([, name]) => name);
  expect(accepted.length).toBeGreaterThan(5);
  expect(Object.keys(doc.options).sort()).toEqual(accepted.sort());
  expect(Object.keys(returned)).toEqual(['changes', 'diagnostics', 'exit_code', 'summary']);
  for (const { 'jailctl.jailctl.jails': parameters } of parse(examples)) {
    for (const name of Object.keys(parameters)) expect(accepted).toContain(name);
  }
  const role = await host.ok(['ansible-doc', '-t', 'role', 'jailctl.jailctl.jailctl'], {
    env: environment,
    cwd: home,
  });
  expect(role).toContain('jailctl_package');
});

test('the role has the defaults that its documentation tells', () => {
  const defaults = parse(read('roles/jailctl/defaults/main.yml'));
  const { options } = parse(read('roles/jailctl/meta/argument_specs.yml')).argument_specs.main;
  const documented = Object.entries<{ default: unknown }>(options).map(
    ([name, option]) => [name, option.default] as const,
  );
  expect(Object.fromEntries(documented)).toEqual(defaults);
  const readme = read('README.md');
  const shown = [...readme.matchAll(/\bjailctl_\w+/g)].map(([name]) => name);
  expect(shown.length).toBeGreaterThan(3);
  for (const name of shown) expect(Object.keys(defaults)).toContain(name);
});
