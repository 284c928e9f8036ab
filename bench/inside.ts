// Runs in the throwaway host that exec.ts has made. Arguments: a RegExp for the names of contenders,
// how many rounds, how many jobs a batch. Prints the times as JSON.
import { type Contender, openContenders } from './contenders.ts';
import { inRounds } from './measure.ts';
import { throughputContenders } from './throughput.ts';

const [only = '', rounds, jobs] = process.argv.slice(2);
const wanted = ({ name }: Contender) => new RegExp(only).test(name);

/** A batch is many runs, so few of them tell as much. */
const batchRounds = Math.ceil(Number(rounds) / 10);

await using contenders = await openContenders();
const runs = await inRounds(contenders.all.filter(wanted), Number(rounds));
const many = (await throughputContenders(Number(jobs))).filter(wanted);
console.log(JSON.stringify({ runs, batches: await inRounds(many, batchRounds) }));
