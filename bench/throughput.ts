import { bundleArgv, jail, nameOf, program } from './contenders.ts';
import type { Contender } from './measure.ts';
import { jailctlArgv, timeProgram } from './program.ts';

const runtime = 'crun';
const workers = 2;

/** Runs a batch over all users of the jail. */
function batch(jobs: number): Contender {
  const line = `${JSON.stringify({ argv: [program] })}\n`;
  const argv = jailctlArgv('exec', '--engine', runtime, '--batch', '-', jail.name);
  return {
    name: nameOf.batch,
    run: async () => ({ value: (await timeProgram(argv, line.repeat(jobs))).milliseconds }),
  };
}

/** Runs as many by the runtime alone: in each worker, one after the other. */
async function loop(jobs: number): Promise<Contender> {
  const argvs = await Promise.all(
    Array.from({ length: workers }, (_, index) => bundleArgv(runtime, index + 1)),
  );
  return {
    name: nameOf.loop,
    run: async () => {
      const begin = performance.now();
      let left = jobs;
      const work = async (argv: (typeof argvs)[number]) => {
        while (left-- > 0) await timeProgram(argv);
      };
      await Promise.all(argvs.map(work));
      return { value: performance.now() - begin };
    },
  };
}

/** Two ways to run many programs; one run of each is all of them. */
export async function throughputContenders(jobs: number): Promise<readonly Contender[]> {
  return [batch(jobs), await loop(jobs)];
}
