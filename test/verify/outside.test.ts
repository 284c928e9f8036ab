import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runOutside, startOutside } from '../../src/host/verify/outside.ts';

/** Stands for the probe program: its last argument is a script for sh. */
const program = '#!/bin/sh\nfor script; do :; done\nexec /bin/sh -c "$script" probe "$@"\n';

let directory: string;
let helper: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'jailctl-outside-'));
  helper = join(directory, 'helper');
  writeFileSync(helper, program);
  chmodSync(helper, 0o755);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const run = (script: string, options = {}) => runOutside(helper, ['sh', script], options);
const start = (script: string, options = {}) => startOutside(helper, ['sh', script], options);

/** Notes its PID in a file, for `isGone`. */
const note = 'echo $$ >"$0"';
const noting = (script: string) => script.replaceAll('"$0"', `'${join(directory, 'pid')}'`);

function isGone(): boolean {
  const pid = Number(readFileSync(join(directory, 'pid'), 'utf8'));
  try {
    // A zombie of a daemon waits for process 1.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return true;
  }
}

async function soon(isSo: () => boolean): Promise<boolean> {
  const endMs = performance.now() + 5000;
  while (!isSo() && performance.now() < endMs) await new Promise((next) => setTimeout(next, 10));
  return isSo();
}

describe('a control on the host', () => {
  test('gives what it said', async () => {
    const { outcome, facts, output } = await run(
      'echo call open; echo oops >&2; echo outcome EPERM',
    );
    expect({ outcome, call: facts.get('call') }).toEqual({ outcome: 'EPERM', call: 'open' });
    expect(output).toBe('call open\noutcome EPERM\noops\n');
  });

  test.for([
    [{}, ''],
    [{ as: 70000 }, '--as 70000'],
    [{ isolated: true }, '--isolated'],
    [{ isolated: true, as: 70000 }, '--isolated --as 70000'],
  ] as const)('is started with %j as its options', async ([options, words]) => {
    const { facts } = await run('echo options "$@"', options);
    const common = `--with-parent ${process.pid}`;
    expect(facts.get('options')).toMatch(
      new RegExp(`^${[common, words].filter(Boolean).join(' ')} sh echo`),
    );
  });

  test('has no variable and no directory of whoever called', async () => {
    const { facts } = await run('echo home $HOME; echo at $(pwd)');
    expect([facts.get('home'), facts.get('at')]).toEqual(['', '/']);
  });

  test('reads what it is given, or nothing', async () => {
    expect((await run('echo text $(cat)', { stdin: 'abc' })).facts.get('text')).toBe('abc');
    expect((await run('echo text $(cat)')).facts.get('text')).toBe('');
  });

  test('need not read what it is given', async () => {
    const { outcome } = await run('exec <&-; echo outcome done', { stdin: 'x'.repeat(2 ** 20) });
    expect(outcome).toBe('done');
  });

  test('has no outcome when it is killed', async () => {
    expect((await run('echo call open; kill -KILL $$')).outcome).toBe('none');
  });

  test('writes for ever, and is not kept whole', async () => {
    const { output } = await run('echo outcome done; head -c 9000000 /dev/zero');
    expect(output.length).toBe(2 ** 22);
  });

  test('leaves nothing of its session behind', async () => {
    await run(
      noting(
        `(${note.replace('$$', "$(exec sh -c 'echo $PPID')")}; exec >&- 2>&-; sleep 600) & sleep 0.2`,
      ),
    );
    expect(await soon(isGone)).toBe(true);
  });

  test('throws when there is no program', async () => {
    await expect(runOutside(join(directory, 'none'), ['sh'], {})).rejects.toThrow('ENOENT');
    await expect(startOutside(join(directory, 'none'), ['sh'], {})).rejects.toThrow('ENOENT');
  });
});

describe('an interrupt', () => {
  test('kills a control, with all its session', async () => {
    const interrupt = new AbortController();
    const running = run(noting(`${note}; sleep 600; true`), { signal: interrupt.signal });
    setTimeout(() => interrupt.abort(), 200);
    expect((await running).outcome).toBe('none');
    expect(await soon(isGone)).toBe(true);
  });

  test('before its start lets it come to nothing', async () => {
    expect((await run('sleep 600', { signal: AbortSignal.abort() })).outcome).toBe('none');
  });

  test('is not held up by what has left the session', async () => {
    const interrupt = new AbortController();
    const running = run(noting(`setsid sh -c '${note.replaceAll("'", '')}; sleep 3' & wait`), {
      signal: interrupt.signal,
    });
    setTimeout(() => interrupt.abort(), 200);
    const startedMs = performance.now();
    await running;
    expect(performance.now() - startedMs).toBeLessThan(2500);
  });

  test('ends one that waits', async () => {
    const interrupt = new AbortController();
    await using waiting = await start('echo ready; sleep 600', { signal: interrupt.signal });
    interrupt.abort();
    expect((await waiting.ended()).outcome).toBe('none');
  });
});

describe('a control that waits', () => {
  test('gives what it said until it was ready, and all of it in the end', async () => {
    await using waiting = await start('echo port 80; echo ready; cat; echo outcome done');
    expect(waiting.facts.get('port')).toBe('80');
    expect(waiting.facts.has('outcome')).toBe(false);
    expect((await waiting.end()).outcome).toBe('done');
  });

  test('may end by itself', async () => {
    await using waiting = await start('echo ready; echo outcome done');
    expect((await waiting.ended()).outcome).toBe('done');
  });

  test('is killed when nobody ends it', async () => {
    {
      await using _waiting = await start(noting(`${note}; echo ready; sleep 600; true`));
    }
    expect(await soon(isGone)).toBe(true);
  });

  test.for(['echo outcome EPERM', 'echo call ready; echo readyness >&2', 'exit 70'])(
    'throws when it ends before it is ready: %s',
    async (script) => {
      await expect(start(script)).rejects.toThrow('the control sh was not ready');
    },
  );

  test('can be ended twice', async () => {
    await using waiting = await start('echo ready; cat; echo outcome done');
    await waiting.end();
    expect((await waiting.end()).outcome).toBe('done');
  });
});
