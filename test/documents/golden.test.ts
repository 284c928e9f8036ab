import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestHost, testHost } from '../rig/host.ts';
import { type Document, events, expectValid, printed } from './run.ts';
import { allSchemas, documentNames, faults, formOf, schemas, versionOf } from './schemas.ts';

/**
 * One example of each document, as a real run prints it. What depends on this host is kept out of
 * the jails: they hold a text file and nothing else.
 */
const manifestPath = '/run/golden.yaml';
const file = ['--file', manifestPath] as const;

const before = `version: 1
root: /srv
uids: 82200-82299
jails:
  gone: { users: 1, tools: [/opt/tool/data] }
  kept: { users: 2, tools: [/opt/tool] }
`;
const after = `version: 1
root: /srv
uids: 82200-82299
jails:
  kept:
    users: 1
    tools: [/opt/tool/data]
    limits: { processes: 1, memory: 64MiB }
    env: { LANG: C }
  made: { users: 1, tools: [] }
  taken: { users: 1, tools: [], network: { allow: [{ to: 10.0.0.5, port: 5432 }], policy: drop } }
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost();
  await host.ok([
    ...(['sh', '-e', '-c'] as const),
    `rm -f /etc/localtime; mkdir /opt/tool; echo data >/opt/tool/data; ln -s data /opt/tool/link
     touch --date=@1700000000 /opt/tool/data; mkfifo /opt/tool/fifo`,
  ]);
  await host.write(manifestPath, before);
  await events(host, ['apply', ...file]);
});
afterAll(() => host[Symbol.asyncDispose]());

const pretty = (document: unknown) => `${JSON.stringify(document, null, 2)}\n`;
const lines = (documents: readonly Document[]) =>
  documents.map((document) => `${JSON.stringify(document)}\n`).join('');

/** Written anew by `vitest run test/documents/golden.test.ts --update`. */
async function expectGolden(name: string, text: string): Promise<void> {
  await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
}

describe('the golden example', () => {
  test('of an explanation of tools', async () => {
    const tools = await printed(host, ['explain', 'kept', ...file], { schema: 'explain' });
    await expectGolden('explain-tools', pretty(tools));
  });

  test('of an explanation of a path', async () => {
    const args = ['explain', 'kept', '/opt', ...file];
    await expectGolden('explain-path', pretty(await printed(host, args, { schema: 'explain' })));
  });

  test('of a validation', async () => {
    const document = await printed(host, ['validate', ...file], { schema: 'validation' });
    await expectGolden('validation', pretty(document));
  });

  test('of what doctor finds', async () => {
    await host.ok(['install', '--owner=82250', '--group=82250', '/dev/null', '/opt/left']);
    const whole = await printed(host, ['doctor'], { exitCode: 1, schema: 'doctor' });
    await host.ok(['rm', '/opt/left']);
    // The other checks look at the machine.
    const checks = (whole['checks'] as { id: string }[]).filter(({ id }) => /^old-ids-/.test(id));
    const summary = { problems: 1, warnings: 0, unknown: 0 };
    await expectGolden('doctor', pretty({ ...whole, summary, checks }));
  });

  test('of a setup that has nothing to do', async () => {
    const document = await printed(host, ['setup', ...file], { schema: 'setup' });
    await expectGolden('setup', pretty(document));
  });

  test('of what import finds', async () => {
    await host.ok([
      ...(['sh', '-e', '-c'] as const),
      `mkdir -p /srv/old/home/old1 /srv/old/opt/tool; cp --preserve=timestamps /opt/tool/data /srv/old/opt/tool
       useradd --no-create-home --home /srv/old/./home/old1 --shell /bin/false --uid 1501 old1`,
    ]);
    const document = await printed(host, ['import', '/srv/old'], { schema: 'import' });
    await host.ok(['sh', '-e', '-c', 'userdel old1; rm -r /srv/old']);
    await expectGolden('import', pretty(document));
  });

  test('of the status of a host', async () => {
    const document = await printed(host, ['status', ...file], { schema: 'status' });
    // Disk space depends on the file system.
    await expectGolden('status', pretty(document).replace(/"bytes": \d+/g, '"bytes": 0'));
  });

  test('of an error', async () => {
    await host.write('/run/bad.yaml', 'version: 1\njails:\n  web: { users: 1, tols: [ls] }\n');
    const args = ['plan', '--file', '/run/bad.yaml'];
    const error = await printed(host, args, { exitCode: 3, schema: 'error' });
    await expectGolden('error', lines([error]));
  });

  test('of a plan', async () => {
    await host.write(manifestPath, after);
    await host.ok([
      ...(['sh', '-e', '-c'] as const),
      `chmod 0777 /srv/kept/opt; rm /srv/kept/dev/zero; mkfifo /srv/kept/etc/fifo
       usermod --append --groups users kept1; mkdir /srv/taken
       iptables -I OUTPUT -d 192.0.2.1 -j ACCEPT`,
    ]);
    const plan = await printed(host, ['plan', ...file], { schema: 'plan' });
    // Disk space depends on the file system.
    const sizeless = JSON.stringify(plan).replace(/"bytes":\d+/g, '"bytes":0');
    await expectGolden('plan', pretty(JSON.parse(sizeless)));
  });

  test('of a saved plan', async () => {
    await host.ok(['rmdir', '/srv/taken']);
    await host.jailctl(['plan', ...file, '--out', '/run/saved.json']);
    const text = await host.read('/run/saved.json');
    expectValid('saved-plan', JSON.parse(text));
    const steady = text
      .replace(/(?<="(?:id|digest)":")[0-9a-f]+/g, (digits) => '0'.repeat(digits.length))
      .replace(/(?<="(?:created_at|jailctl_version)":")[^"]*/g, '')
      .replace(/(?<=source changed at )[\d.]+/g, '0');
    await expectGolden('saved-plan', steady);
  });

  test('of the events of a destroy', async () => {
    const all = await events(host, ['destroy', '--jail', 'gone']);
    // How many of these come depends on how long a stage takes.
    const steady = all.filter(({ type }) => type !== 'progress');
    const timeless = steady.map((event) =>
      'duration_ms' in event ? { ...event, duration_ms: 0 } : event,
    );
    await expectGolden('events', lines(timeless));
  });
});

/** A line for each rule of a form, as it is recorded. */
function recorded(name: string): readonly string[] {
  const path = new URL(`golden/form-${name}.txt`, import.meta.url);
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
}

describe.for(documentNames)('the form of %s', (name) => {
  test('is the one that is recorded for its version', () => {
    const form = `${name}-${versionOf(name)}`;
    expect(
      formOf(schemas[name]),
      `the form of ${name} changed: raise its format_version (minor for an addition), and record the new form in golden/form-${form}.txt`,
    ).toEqual(recorded(form));
  });

  test('says the version that jailctl prints', () => {
    const golden = name === 'explain' ? 'explain-path' : name;
    const text = readFileSync(new URL(`golden/${golden}.txt`, import.meta.url), 'utf8');
    const [printedVersion] = /(?<="format_version": ?")[^"]*/.exec(text) ?? [];
    expect(printedVersion).toBe(versionOf(name));
  });
});

describe('the form of job', () => {
  test('is the one that is recorded: what was a good job stays one', () => {
    expect(formOf(allSchemas.job), 'record it in golden/form-job.txt').toEqual(recorded('job'));
  });
});

describe('the golden example of a run', () => {
  test('is as its schema says', () => {
    const text = readFileSync(new URL('golden/run-result.txt', import.meta.url), 'utf8');
    expect(faults('run-result', JSON.parse(text))).toEqual([]);
  });
});
