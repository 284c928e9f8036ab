import type { Change } from '../../model/change.ts';
import {
  loginKeysDirectory,
  loginKeysFile,
  loginKeysTemporary,
  sshdDropInFile,
  sshdDropInTemporary,
  sshdDropInTried,
} from '../../model/host-paths.ts';
import type { Step } from '../../model/step.ts';
import type { LoginRules, Logins } from './state.ts';

function write(path: string, temporary: string, text: string): Step {
  const base64 = Buffer.from(text).toString('base64');
  return { op: 'writeFile', to: { path, temporary }, base64, mode: 0o644 };
}

/**
 * sshd tries the text before it stands where a restart would find it: a mistake in it would take
 * everybody's logins down. The directory comes after the file, which marks it as jailctl's.
 */
function setRules(before: LoginRules | undefined, after: LoginRules): readonly Step[] {
  const { text, user, effective } = after;
  return [
    write(sshdDropInTried, sshdDropInTemporary, text),
    { op: 'run', argv: ['sshd', '-t', '-f', sshdDropInTried] },
    { op: 'rename', from: sshdDropInTried, to: sshdDropInFile },
    ...(before?.hasDirectory || after.hasDirectory
      ? []
      : ([
          { op: 'makeDirectory', path: loginKeysDirectory, mode: 0o755, uid: 0, gid: 0 },
        ] as const)),
    { op: 'reloadSshd', user, effective },
  ];
}

function removeRules(rules: LoginRules): readonly Step[] {
  return [
    ...(rules.hasDirectory
      ? [{ op: 'removeEmptyDirectory', path: loginKeysDirectory } as const]
      : []),
    { op: 'removeFile', path: sshdDropInFile },
    { op: 'reloadSshd', user: rules.user, effective: [] },
  ];
}

function stepsOf(change: Change<Logins>): readonly Step[] {
  if (change.action === 'delete') {
    const { before } = change;
    if (before.type === 'sshd') return removeRules(before);
    return [{ op: 'removeFile', path: loginKeysFile(before.jail) }];
  }
  const { after } = change;
  if (after.type === 'keys') {
    return [write(loginKeysFile(after.jail), loginKeysTemporary, after.text)];
  }
  return setRules(change.action === 'update' ? (change.before as LoginRules) : undefined, after);
}

export function loginSteps(changes: readonly Change<Logins>[]): readonly Step[] {
  return changes.flatMap(stepsOf);
}
