// Writes the man pages jailctl(1) and jails.yaml(5). `node scripts/man.ts DIRECTORY`
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Start } from '../src/cli/context.ts';
import { createProgram } from '../src/cli/program.ts';
import { commandPage } from './man/command-page.ts';
import { manifestPage } from './man/manifest-page.ts';

const root = new URL('..', import.meta.url).pathname;
const [directory = `${root}dist/man`] = process.argv.slice(2);
const read = (name: string) => readFileSync(`${root}${name}`, 'utf8');
const { version } = JSON.parse(read('package.json'));
// reproducible-builds.org: the same source makes the same page.
const epoch = process.env['SOURCE_DATE_EPOCH'];
const when = epoch === undefined ? new Date() : new Date(Number(epoch) * 1000);
const date = when.toISOString().slice(0, 10);
// Nothing of a context is used as long as no command runs.
const program = createProgram({ version } as Start, { exitCode: 0 });
const schema = JSON.parse(read('schemas/jails.schema.json'));

mkdirSync(directory, { recursive: true });
writeFileSync(`${directory}/jailctl.1`, commandPage(program, version, date));
writeFileSync(`${directory}/jails.yaml.5`, manifestPage(schema, read('jails.yaml'), version, date));
