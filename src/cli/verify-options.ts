import type { Command } from 'commander';
import type { EngineName } from '../model/settings.ts';
import { colorOption, engineOption, flag, jailOption, jsonOption } from './options.ts';

export interface VerifyOptions {
  readonly jail?: readonly string[];
  readonly engine?: EngineName;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  /** A jail that jailctl did not make, and the account that lives in it. */
  readonly path?: string;
  readonly user?: string;
  readonly list?: boolean;
  readonly json?: boolean;
  readonly junit?: string;
  readonly markdown?: boolean;
  readonly mutate?: boolean;
  readonly useColor: boolean;
}

const withCommas = 'the environment variable lists them with commas';

export function addVerifyOptions(command: Command): Command {
  return command
    .addOption(jailOption())
    .addOption(engineOption())
    .addOption(flag('only <probe...>', `only these probes, or groups of them; ${withCommas}`))
    .addOption(flag('skip <probe...>', `all but these; ${withCommas}`))
    .addOption(
      flag('path <directory>', 'attack a jail that jailctl did not make').conflicts('jail'),
    )
    .addOption(flag('user <name>', 'the account that lives in that one'))
    .addOption(flag('list', 'tell what would be tried, and try nothing'))
    .addOption(
      flag('mutate', 'test verify itself: take layers away, on throwaway hosts').conflicts('list'),
    )
    .addOption(
      flag('junit <file>', 'write the verdicts to a file too, as JUnit XML').conflicts('list'),
    )
    .addOption(
      flag('markdown', 'print Markdown, for a comment or the summary of a job').conflicts([
        'json',
        'list',
      ]),
    )
    .addOption(jsonOption())
    .addOption(colorOption());
}
