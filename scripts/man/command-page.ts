import type { Argument, Command, Option } from 'commander';
import { exitCodesHelp } from '../../src/cli/program.ts';
import {
  journalFile,
  lockPath,
  loginLimitsFile,
  poolFile,
  privateDirectory,
  registerDirectory,
  runsDirectory,
} from '../../src/model/host-paths.ts';
import {
  bold,
  filled,
  header,
  item,
  page,
  paragraph,
  plain,
  section,
  subsection,
  verbatim,
} from './roff.ts';

function more(one: Option | Argument): string {
  const { argChoices: choices, defaultValue } = one;
  const said = [
    choices === undefined ? '' : ` One of ${choices.join(', ')}.`,
    defaultValue === undefined ? '' : ` Default: ${defaultValue}.`,
    'envVar' in one && one.envVar !== undefined ? ` Variable: ${one.envVar}.` : '',
  ];
  return said.join('');
}

function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

const described = (one: Option | Argument) => filled(`${sentence(one.description)}${more(one)}`);

function argumentText(one: Argument): string {
  const name = one.variadic ? `${one.name()}...` : one.name();
  return one.required ? `<${name}>` : `[${name}]`;
}

function commandPart(program: Command, command: Command): readonly string[] {
  const help = command.createHelp();
  const given = command.registeredArguments.map(argumentText);
  const usage = [program.name(), command.name(), '[options]', ...given].join(' ');
  return subsection(
    usage,
    filled(sentence(command.description())),
    ...command.registeredArguments.flatMap((one) => item(bold(argumentText(one)), described(one))),
    ...help.visibleOptions(command).flatMap((one) => item(bold(one.flags), described(one))),
  );
}

/** Variables of options, with the options that they stand for. */
function variables(commands: readonly Command[]): readonly string[] {
  const options = commands.flatMap((command) => command.options);
  const named = options.flatMap(({ envVar, long }) =>
    envVar === undefined || long == null ? [] : [[envVar, long] as const],
  );
  return [...new Map(named)]
    .sort()
    .flatMap(([name, flag]) => item(bold(name), filled(`As ${flag}.`)));
}

const files: readonly (readonly [path: string, about: string])[] = [
  ['jails.yaml', 'The manifest; see jails.yaml(5).'],
  [
    `JAIL${privateDirectory('')}`,
    "Root's own directory in each jail, with its settings as they were applied.",
  ],
  [registerDirectory, 'A symbolic link to each jail.'],
  [poolFile, 'Which UIDs were given out.'],
  [journalFile, 'What was changed, when and for whom. It outlives the jails.'],
  [loginLimitsFile, 'Limits for logins of jail users.'],
  [lockPath, 'The lock of whoever changes the host.'],
  [runsDirectory, 'What runs need while they run.'],
];

const examples: readonly (readonly [about: string, command: string])[] = [
  [
    'Write an example manifest, see what it would do, and do it:',
    'jailctl init\njailctl plan\njailctl apply',
  ],
  [
    'Run a program in the jail web, as any of its users that is free:',
    'jailctl exec web -- python3 main.py',
  ],
  [
    'Give it less memory than the jail has, and get the result as JSON:',
    'jailctl exec --limit memory=64MiB --json web -- ls',
  ],
  ['Prove that every jail of this host holds:', 'jailctl verify'],
  [
    'Remove one jail, and keep the homes of its users:',
    'jailctl destroy --jail web --archive /var/backups/jails',
  ],
];

/** jailctl(1), from the declared commands: what --help shows, and a little more. */
export function commandPage(program: Command, version: string, date: string): string {
  const commands = program.commands.filter((one) =>
    program.createHelp().visibleCommands(program).includes(one),
  );
  return page(
    header('JAILCTL', 1, version, date),
    section('NAME', `${program.name()} \\- ${filled(program.description().replace(/\.$/, ''))}`),
    section('SYNOPSIS', `${bold('jailctl')} ${filled('<command> [options] [arguments]')}`),
    section(
      'DESCRIPTION',
      filled(
        'A manifest says which jails a host has, who lives in them, which tools they have, and what they may do. jailctl compares it with the host, shows the difference as a plan, and applies that. It keeps no state but the host itself. Programs then run in the jails behind limits, namespaces and a filter of system calls.',
      ),
      ...paragraph('All but init, validate, explain, completion and schema need root.'),
    ),
    section(
      'OPTIONS',
      ...program
        .createHelp()
        .visibleOptions(program)
        .flatMap((one) => item(bold(one.flags), described(one))),
    ),
    section('COMMANDS', ...commands.flatMap((one) => commandPart(program, one))),
    section(
      'EXIT STATUS',
      '.in 0',
      ...verbatim(exitCodesHelp.replace(/^\s*Exit codes:\n/, '')),
      '.in',
    ),
    section(
      'ENVIRONMENT',
      filled('Flags are turned on by 1, true, yes or on, and off by 0, false, no, off or nothing.'),
      ...variables(commands),
      ...item(bold('NO_COLOR'), filled('No colours, where it is not empty.')),
      ...item(bold('CI'), filled('No colours and no drawing, where it is not empty.')),
    ),
    section(
      'FILES',
      ...files.flatMap(([path, about]) => item(`\\fI${plain(path)}\\fR`, filled(about))),
    ),
    section(
      'EXAMPLES',
      ...examples.flatMap(([about, text], index) => [
        ...(index === 0 ? [filled(about)] : paragraph(about)),
        ...verbatim(text.replace(/^/gm, '  ')),
      ]),
    ),
    section(
      'SEE ALSO',
      filled('jails.yaml(5), crun(1), runc(8), chroot(1), iptables(8), flock(1)'),
    ),
  );
}
