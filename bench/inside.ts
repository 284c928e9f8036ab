// Measures one case in the throwaway host that main.ts has made for it. Arguments: the name of the
// case, and an Effort as JSON. Prints the samples as JSON.
import type { Effort } from './case.ts';
import { cases } from './cases.ts';

const messageCharactersMax = 1000;

const [name, effort = ''] = process.argv.slice(2);
const wanted = cases.find((one) => one.name === name);
if (wanted === undefined) throw new Error(`there is no case ${name}`);
try {
  console.log(JSON.stringify(await wanted.measure(JSON.parse(effort) as Effort)));
} catch (error) {
  // A program may have said much: its end tells most.
  console.error((error as Error).message.slice(-messageCharactersMax));
  process.exitCode = 1;
}
