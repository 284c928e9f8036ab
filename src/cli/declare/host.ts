import { type Command, Option } from 'commander';
import { colorOption, fileOption, flag, jailOption, jsonOption, yesOption } from '../options.ts';
import type { Act } from './act.ts';

export function addSetupCommand(program: Command, act: Act): void {
  const setup = program
    .command('setup')
    .description('install the host packages that the manifest needs')
    .addOption(fileOption())
    .addOption(flag('remove', 'remove what setup installed, and nothing else; needs no manifest'))
    .addOption(yesOption())
    .addOption(jsonOption())
    .addOption(colorOption());
  act(setup, async (context, options) =>
    (await import('../commands/setup.ts')).setupCommand(context, { ...setup.opts(), ...options }),
  );
}

export function addDoctorCommand(program: Command, act: Act): void {
  const doctor = program
    .command('doctor')
    .description(
      'find what is wrong with this host, and what mends it; exits with 1 when there is a problem',
    )
    .addOption(
      new Option(
        '-f, --file <file>',
        'a manifest, to look at its limits, and for the UIDs of its pool',
      ).env('JAILCTL_FILE'),
    )
    .addOption(
      new Option(
        '--check <id...>',
        'only these checks; the environment variable lists them with commas',
      ).env('JAILCTL_CHECK'),
    )
    .addOption(jsonOption())
    .addOption(colorOption());
  act(doctor, async (context, { useColor }) =>
    (await import('../commands/doctor.ts')).doctorCommand(context, { ...doctor.opts(), useColor }),
  );
}

export function addObserveCommand(program: Command, act: Act): void {
  const observe = program
    .command('observe')
    .description('write down what planning reads of this host, to plan elsewhere')
    .addOption(fileOption())
    .addOption(
      new Option('--out <file>', 'where to; for: jailctl plan --observed FILE')
        .env('JAILCTL_OUT')
        .makeOptionMandatory(),
    );
  act(observe, async (context) =>
    (await import('../commands/observe.ts')).observeCommand(context, observe.opts()),
  );
}

export function addStatusCommand(program: Command, act: Act): void {
  const status = program
    .command('status')
    .description('show the jails of this host, who is at work in them, and what has drifted')
    .addOption(
      new Option(
        '-f, --file <file>',
        'the manifest to compare with (default: jails.yaml, if there)',
      ).env('JAILCTL_FILE'),
    )
    .addOption(jailOption())
    .addOption(jsonOption())
    .addOption(colorOption());
  act(status, async (context, { useColor }) =>
    (await import('../commands/status.ts')).statusCommand(context, { ...status.opts(), useColor }),
  );
}
