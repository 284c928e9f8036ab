import { describe, expect, test } from 'vitest';
import { type JobDefaults, jobId, parseJob } from '../../src/run/job.ts';
import { allSchemas, faults } from '../documents/schemas.ts';

const plain: JobDefaults = { request: {}, directory: '/srv/work' };

/** A job as one line. @throws Error when it is refused */
function jobOf(document: object, defaults = plain) {
  const job = parseJob(JSON.stringify(document), defaults);
  if (!job.ok) throw new Error(job.diagnostics.map(({ message }) => message).join('\n'));
  return job.value;
}

/** What is wrong with a line; empty when nothing is. */
function mistakesIn(line: string): readonly string[] {
  const job = parseJob(line, plain);
  return job.ok ? [] : job.diagnostics.map(({ message }) => message);
}

describe('a job', () => {
  test('that names a program only has everything else as the jail has it', () => {
    const { request, ...rest } = jobOf({ argv: ['ls', ''] });
    const empty = { limits: [], variables: [], copyIn: [], copyOut: [] };
    expect(request).toEqual({ argv: ['ls', ''], ...empty });
    expect(rest).toEqual({});
  });

  test('can say everything', () => {
    const job = jobOf({
      id: 7,
      argv: ['python3', 'main.py'],
      user: 'web2',
      stdin: '3 4\n',
      env: { A: 'b', EMPTY: '' },
      limits: { memory: '64MiB', cpus: 0.5, processes: 8, wall_time: '2m' },
      home: 'fresh',
      clean_home: true,
      copy_in: [{ from: '/srv/a', to: 'a' }],
      copy_out: [{ from: 'b', to: '/srv/b' }],
    });
    expect(job).toEqual({
      request: {
        argv: ['python3', 'main.py'],
        user: 'web2',
        limits: [
          { name: 'memory', value: 64 * 2 ** 20 },
          { name: 'cpus', value: 0.5 },
          { name: 'processes', value: 8 },
          { name: 'wall_time', value: 120 },
        ],
        variables: [
          ['A', 'b'],
          ['EMPTY', ''],
        ],
        home: 'fresh',
        cleanHome: true,
        copyIn: [{ from: '/srv/a', to: 'a' }],
        copyOut: [{ from: 'b', to: '/srv/b' }],
      },
      stdin: { text: '3 4\n' },
    });
  });

  test.for(allSchemas.job.examples.map((example) => [JSON.stringify(example)] as const))(
    'of the schema is one: %s',
    ([line]) => {
      expect(mistakesIn(line)).toEqual([]);
      expect(faults('job', JSON.parse(line))).toEqual([]);
    },
  );

  test('keeps equals signs and colons in values and in paths', () => {
    const { request } = jobOf({
      argv: ['a=b', 'c:d'],
      env: { URL: 'a=b:c=d', _: '=' },
      copy_in: [{ from: '/srv/a:b=c', to: 'd:e=f' }],
      copy_out: [{ from: 'g:h=i', to: '/srv/j:k=l' }],
    });
    expect(request).toMatchObject({
      argv: ['a=b', 'c:d'],
      variables: [
        ['URL', 'a=b:c=d'],
        ['_', '='],
      ],
      copyIn: [{ from: '/srv/a:b=c', to: 'd:e=f' }],
      copyOut: [{ from: 'g:h=i', to: '/srv/j:k=l' }],
    });
  });

  test('has relative paths of the host from the directory of its caller, those of the jail as they are', () => {
    const { request, stdin } = jobOf({
      argv: ['a'],
      stdin_file: '../1.in',
      copy_in: [{ from: 'main.py', to: 'main.py' }],
      copy_out: [{ from: 'out.txt', to: './out/1' }],
    });
    expect(stdin).toEqual({ file: '/srv/1.in' });
    expect(request).toMatchObject({
      copyIn: [{ from: '/srv/work/main.py', to: 'main.py' }],
      copyOut: [{ from: 'out.txt', to: '/srv/work/out/1' }],
    });
  });
});

describe('the defaults of the command line', () => {
  const defaults: JobDefaults = {
    directory: '/srv',
    request: {
      user: 'web1',
      limits: [
        { name: 'memory', value: 1 },
        { name: 'processes', value: 2 },
      ],
      allowRaise: true,
      variables: [['A', 'theirs']],
      home: 'fresh',
      cleanHome: true,
      copyIn: [{ from: '/srv/all', to: 'all' }],
      copyOut: [{ from: 'all', to: '/srv/out' }],
    },
  };

  test('hold where a job says nothing', () => {
    expect(jobOf({ argv: ['a'] }, defaults).request).toEqual({ ...defaults.request, argv: ['a'] });
  });

  test('give way to what a job says, one by one', () => {
    const job = {
      argv: ['a'],
      user: 'web2',
      env: { A: 'mine' },
      limits: { memory: '6MiB' },
      home: 'keep',
      clean_home: false,
      copy_in: [{ from: '/srv/mine', to: 'mine' }],
      copy_out: [{ from: 'mine', to: '/srv/mine' }],
    };
    expect(jobOf(job, defaults).request).toEqual({
      argv: ['a'],
      user: 'web2',
      allowRaise: true,
      limits: [
        { name: 'processes', value: 2 },
        { name: 'memory', value: 6 * 2 ** 20 },
      ],
      // The last one counts (src/run/environment.ts).
      variables: [
        ['A', 'theirs'],
        ['A', 'mine'],
      ],
      home: 'keep',
      cleanHome: false,
      copyIn: [
        { from: '/srv/all', to: 'all' },
        { from: '/srv/mine', to: 'mine' },
      ],
      copyOut: [
        { from: 'all', to: '/srv/out' },
        { from: 'mine', to: '/srv/mine' },
      ],
    });
  });
});

describe('a job is refused', () => {
  test.for([
    ['nonsense', /^it is not JSON: /],
    ['{"argv":["a"]', /^it is not JSON: /],
    ['[]', 'the job must be an object: {"argv": ["ls"]}'],
    ['null', 'the job must be an object: {"argv": ["ls"]}'],
    ['"ls"', 'the job must be an object: {"argv": ["ls"]}'],
    ['{}', 'the job needs the key "argv"'],
    ['{"argv":"ls"}', 'argv must be a list'],
    ['{"argv":[]}', 'argv is empty: its first word is the program'],
    ['{"argv":["a",1]}', 'argv.1 must be a text'],
    ['{"argv":["a","\\u0000"]}', 'argv.1 has a zero byte'],
    ['{"argv":["a"],"limts":{}}', 'the job has no key "limts"'],
    ['{"argv":["a"],"__proto__":{}}', 'the job has no key "__proto__"'],
    ['{"argv":["a"],"\\u001b[2J":1}', 'the job has no key "\\x1b[2J"'],
    ['{"argv":["a"],"id":null}', 'id must be a text or a number'],
    ['{"argv":["a"],"user":1}', 'user must be a text'],
    ['{"argv":["a"],"stdin":1}', 'stdin must be a text'],
    ['{"argv":["a"],"stdin_file":""}', 'stdin_file must NOT have fewer than 1 characters'],
    ['{"argv":["a"],"stdin":"","stdin_file":"a"}', 'the job has both stdin and stdin_file'],
    ['{"argv":["a"],"env":{"A":1}}', 'env.A must be a text'],
    ['{"argv":["a"],"env":{"a/b~c":1}}', 'env.a/b~c must be a text'],
    ['{"argv":["a"],"env":{"A=B":""}}', /^"A=B" can't be the name of/],
    ['{"argv":["a"],"env":{"__proto__":"","":""}}', /^"" can't be the name of/],
    ['{"argv":["a"],"env":{"LD_PRELOAD":"x"}}', /^LD_PRELOAD is refused/],
    ['{"argv":["a"],"env":{"A":"\\u0000"}}', /NUL/],
    ['{"argv":["a"],"env":{"A":"\\ud800"}}', /well-formed/],
    ['{"argv":["a"],"limits":{"memory":true}}', 'limits.memory must be a text or a number'],
    ['{"argv":["a"],"limits":{"memori":"1MiB"}}', 'there is no limit "memori"'],
    ['{"argv":["a"],"limits":{"constructor":1}}', 'there is no limit "constructor"'],
    ['{"argv":["a"],"limits":{"memory":"much"}}', /^memory is "much"/],
    ['{"argv":["a"],"limits":{"memory=9MiB":""}}', /^memory is "9MiB="/],
    ['{"argv":["a"],"limits":{"processes":-1}}', /^processes is "-1"/],
    ['{"argv":["a"],"limits":{"processes":1.5}}', /^processes is "1.5"/],
    ['{"argv":["a"],"limits":{"processes":1e30}}', /^processes is "1e\+30"/],
    ['{"argv":["a"],"home":"new"}', 'home must be one of: keep, fresh'],
    ['{"argv":["a"],"clean_home":"yes"}', 'clean_home must be true or false'],
    ['{"argv":["a"],"copy_in":["a:b"]}', 'copy_in.0 must be an object'],
    ['{"argv":["a"],"copy_in":[{"from":"a"}]}', 'copy_in.0 needs the key "to"'],
    ['{"argv":["a"],"copy_in":[{"from":"","to":"b"}]}', /^copy_in.0.from must NOT/],
    ['{"argv":["a"],"copy_in":[{"from":"a","to":"../b"}]}', '"../b" has the part ".."'],
    ['{"argv":["a"],"copy_out":[{"from":"a/","to":"b"}]}', '"a/" has an empty part'],
    ['{"argv":["a"],"copy_out":[{"from":"a","to":"b","mode":1}]}', 'copy_out.0 has no key "mode"'],
  ] as const)('when its line is %s', ([line, message]) => {
    const mistakes = mistakesIn(line);
    expect(mistakes).toHaveLength(1);
    if (typeof message === 'string') expect(mistakes[0]).toBe(message);
    else expect(mistakes[0]).toMatch(message);
  });

  test('for all of its mistakes at once', () => {
    expect(mistakesIn('{"user":1,"hom":"keep","env":{"A":0}}')).toHaveLength(4);
    const late = '{"argv":["a"],"env":{"1":""},"limits":{"x":1},"copy_in":[{"from":"a","to":"/"}]}';
    expect(mistakesIn(late)).toHaveLength(3);
  });
});

describe('the id that a result comes back with', () => {
  test.for([
    ['{"id":"a b","argv":[]}', 'a b'],
    ['{"id":""}', ''],
    ['{"id":0}', 0],
    ['{"id":-1.5}', -1.5],
    ['{"argv":["a"]}', 3],
    ['{"id":null}', 3],
    ['{"id":["a"]}', 3],
    ['nonsense', 3],
    ['null', 3],
    ['7', 3],
  ] as const)('is, in line 3, for %s: %j', ([line, id]) => {
    expect(jobId(line, 3)).toBe(id);
  });
});
