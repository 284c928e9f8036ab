import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CommandOptions } from '../../src/host/throwaway.ts';
import { type TestHost, testHost } from '../rig/host.ts';
import { type Dialogue, installForEverybody, onTerminalArgv, quoted } from './cli.ts';
import { provision } from './exec-jail.ts';

/** What `provision` writes after the version. The manifest of the working directory has another. */
const jails = `uids: 82400-82499
jails:
  alpha: { users: 2, tools: [sh, cat] }
  albatross: { users: 1, tools: [sh] }
`;

let host: TestHost;
beforeAll(async () => {
  host = await testHost({ cgroups: true });
  await installForEverybody(host);
  const program = '#!/bin/sh\nexec /opt/node /opt/jailctl/dist/jailctl.js "$@"\n';
  await host.write('/usr/local/bin/jailctl', program, 0o755);
  await provision(host, jails);
  await host.write(
    '/run/work/jails.yaml',
    'version: 1\njails: { mine: { users: 2, tools: [sh] } }\n',
  );
  await host.write(
    '/run/work/other.yml',
    'version: 1\njails: { yours: { users: 1, tools: [sh] } }\n',
  );
  await host.write('/run/work/dir/file.txt', '');
  await host.ok(['chmod', '0755', '/run/work', '/run/work/dir']);
});
afterAll(() => host[Symbol.asyncDispose]());

type Ask = (line: string, options?: CommandOptions) => Promise<readonly string[]>;

const sorted = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .sort();

/** Breaks words where bash does (COMP_WORDBREAKS): at blanks, `=` and `:`, which are words then. */
function bashWords(line: string): readonly string[] {
  return line.split(' ').flatMap((word) => {
    const parts = word.split(/([=:]+)/);
    return parts.at(-1) === '' && parts.length > 1 ? parts.slice(0, -1) : parts;
  });
}

const withBash: Ask = async (line, options) => {
  const words = bashWords(line);
  const script = `
    eval "$(jailctl completion bash)"
    compopt() { :; }  # It works at a real cursor only.
    COMP_WORDS=(${words.map(quoted).join(' ')}) COMP_CWORD=${words.length - 1}
    _jailctl
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const argv = ['bash', '--norc', '-c', script] as const;
  return sorted(await host.ok(argv, { cwd: '/run/work', ...options }));
};

const withFish: Ask = async (line, options) => {
  const script = `jailctl completion fish | source; complete -C ${quoted(line)}`;
  const text = await host.ok(['fish', '--no-config', '--command', script], {
    cwd: '/run/work',
    env: { HOME: '/tmp' },
    ...options,
  });
  // A description stands after a tab.
  return sorted(text.replace(/\t.*/g, ''));
};

const shells = [
  ['bash', withBash],
  ['fish', withFish],
] as const;

describe.for(shells)('completion in %s', ([shell, ask]) => {
  test.for([
    ['commands', 'jailctl p', ['plan']],
    ['commands after help', 'jailctl help pl', ['plan']],
    ['nothing for a hidden command', 'jailctl compl', ['completion']],
    ['options of a command', 'jailctl destroy --a', ['--archive']],
    ['options of the program', 'jailctl --v', ['--version']],
    ['choices of an option', 'jailctl plan --color a', ['always', 'auto']],
    ['choices of an argument', 'jailctl completion ', ['bash', 'fish', 'zsh']],
    ['documents', 'jailctl schema do', ['doctor']],
    ['engines', 'jailctl exec --engine run', ['runc', 'runsc']],
    ['limits', 'jailctl exec --limit me', ['memory=']],
    ['probes and their groups', 'jailctl verify --only files/abs', ['files/absolute-path']],
    ['jails of the host', 'jailctl exec al', ['albatross', 'alpha']],
    ['users of a jail', 'jailctl exec alpha/', ['alpha/alpha1', 'alpha/alpha2']],
    ['a jail after options', 'jailctl exec --limit memory=6 --wait alb', ['albatross']],
    ['jails of both', 'jailctl plan --jail ', ['albatross', 'alpha', 'mine']],
    ['a second jail', 'jailctl plan --jail alpha m', ['mine']],
    ['jails of the manifest', 'jailctl explain ', ['mine']],
    ['jails of another manifest', 'jailctl explain -f other.yml ', ['yours']],
    ['nothing where there can be nothing', 'jailctl validate ', []],
    ['nothing of an unknown command', 'jailctl nope ', []],
    ['nothing of a value that is anything', 'jailctl exec --env ', []],
    ['options, which are no values', 'jailctl plan --jail alpha --js', ['--json']],
    ['no option twice', 'jailctl plan --json --js', []],
    ['an option that can be repeated', 'jailctl exec --limit cpus=1 --lim', ['--limit']],
    ['programs of the jail', 'jailctl exec alpha -- ca', ['cat']],
    ['no options of jailctl for the program', 'jailctl exec alpha -- cat --js', []],
    ['files', 'jailctl plan --file o', ['other.yml']],
    ['directories', 'jailctl init d', [shell === 'fish' ? 'dir/' : 'dir']],
    ['files for the program', 'jailctl exec alpha -- cat o', ['other.yml']],
  ] as const)('knows %s', async ([, line, expected]) => {
    expect(await ask(line)).toEqual([...expected].sort());
  });

  test('knows the manifest only, for anybody but root', async () => {
    const env = { HOME: '/tmp', XDG_CONFIG_HOME: '/tmp', XDG_DATA_HOME: '/tmp' };
    expect(await ask('jailctl exec ', { user: 65534, env })).toEqual(['mine']);
    expect(await ask('jailctl exec mine/', { user: 65534, env })).toEqual([
      'mine/mine1',
      'mine/mine2',
    ]);
  });

  test('says nothing of a manifest that is broken', async () => {
    await host.write('/run/broken/jails.yaml', 'version: [');
    expect(await ask('jailctl plan --jail ', { cwd: '/run/broken' })).toEqual([
      'albatross',
      'alpha',
    ]);
  });

  test('offers no name that a shell could take for more', async () => {
    await host.ok(['ln', '-s', '/nowhere', '/var/lib/jailctl/jails/al$(touch x)']);
    expect(await ask('jailctl exec al')).toEqual(['albatross', 'alpha']);
    await host.ok(['rm', '/var/lib/jailctl/jails/al$(touch x)']);
  });
});

test('bash gets what is after the sign at which it breaks words, other shells the whole', async () => {
  expect(await withBash('jailctl plan --color=al')).toEqual(['always']);
  expect(await withBash('jailctl plan --color=')).toEqual(['always', 'auto', 'never']);
  expect(await withBash('jailctl plan --file=o')).toEqual(['other.yml']);
  expect(await withFish('jailctl plan --color=al')).toEqual(['--color=always']);
});

/** What a person types in a shell: completed by tabs, then run. */
describe('a line that is typed and completed', () => {
  const fishPrompt = `function fish_prompt; printf 'ready> '; end; jailctl completion fish | source`;
  const interactive = {
    bash: ['/bin/bash', '--rcfile', '/run/rc/.bashrc'],
    zsh: ['/bin/zsh', '--no-globalrcs'],
    fish: ['/usr/bin/fish', '--no-config', '--init-command', fishPrompt],
  } as const;

  test.for([
    ['bash', 'st\t--jai\talp\t'],
    ['zsh', 'st\t--jai\talp\t'],
    ['fish', 'st\t--jai\talp\t'],
    ['bash', 'st\t--color=al\t --jail alp\t'],
    ['zsh', 'st\t--color=al\t --jail alp\t'],
    ['fish', 'st\t--color=al\t --jail alp\t'],
    ['zsh', 'st\t--fil\tot\t --jail alp\t'],
    ['zsh', 'st\t--file=ot\t --jail alp\t'],
  ] as const)('runs: %s, %j', async ([shell, keys]) => {
    await host.write('/run/rc/.bashrc', `PS1='ready> '; eval "$(jailctl completion bash)"`);
    await host.write(
      '/run/rc/.zshrc',
      `PS1='ready> '; autoload -Uz compinit; compinit -D -u; eval "$(jailctl completion zsh)"`,
    );
    const dialogue: Dialogue = [
      ['ready> ', `jailctl ${keys}\n`],
      ['1 jail', 'exit\n'],
    ];
    const { stdout } = await host.run(onTerminalArgv(interactive[shell], dialogue), {
      cwd: '/run/work',
      env: {
        ...{ HOME: '/tmp', TERM: 'xterm', ZDOTDIR: '/run/rc', NO_COLOR: '1' },
        PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      },
    });
    expect(stdout).toMatch(/alpha {2,}2 {2,}0 /);
  });
});
