import { type Command, Option } from 'commander';
import {
  archiveOption,
  colorOption,
  fileOption,
  flag,
  jailOption,
  jsonOption,
  noArchiveOption,
} from '../options.ts';
import { parsePolicy } from '../policy.ts';
import type { Act } from './act.ts';

export function addPlanCommand(program: Command, act: Act): void {
  const plan = program
    .command('plan')
    .description('show what apply would do; changes nothing')
    .addOption(fileOption())
    .addOption(jailOption())
    .addOption(archiveOption())
    .addOption(noArchiveOption())
    .addOption(
      flag('destroy', 'show what destroy would do instead; needs no manifest').conflicts([
        'out',
        'observed',
      ]),
    )
    .addOption(flag('out <file>', 'save the plan there too, for: jailctl apply FILE'))
    .addOption(
      flag('observed <file>', 'plan for the host that observe wrote down there').conflicts('out'),
    )
    .addOption(
      new Option('--detailed-exitcode', 'exit with 2 when there are changes').env(
        'JAILCTL_DETAILED_EXITCODE',
      ),
    )
    .addOption(
      flag(
        'policy <deny=labels>',
        'exit with 4 when a change has one: deny=destroy,loosen',
      ).argParser(parsePolicy),
    )
    .addOption(flag('junit <file>', 'write the differences to a file too, as JUnit XML'))
    .addOption(
      flag('markdown', 'print Markdown, for a comment or the summary of a job').conflicts('json'),
    )
    .addOption(jsonOption())
    .addOption(colorOption());
  act(plan, async (context, options) =>
    (await import('../commands/plan.ts')).planCommand(context, options),
  );
}
