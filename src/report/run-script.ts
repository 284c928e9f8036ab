import {
  bundleDirectory,
  bundlesDirectory,
  containerName,
  leaseFile,
  leasesDirectory,
  runsDirectory,
  runtimeStateDirectory,
} from '../model/host-paths.ts';
import { shellQuote } from '../model/shell-text.ts';
import type { OciConfig } from '../run/oci.ts';
import type { RunSpec } from '../run/run-spec.ts';

function header({ user, jail }: RunSpec): string {
  return `#!/bin/sh
# Runs one program as ${user.name} of the jail ${jail.name}, without jailctl and without Node.
# Made by: jailctl exec --print. Start it as root.
#
# In force are all layers, and the limits but two: nobody counts the bytes of the output, and CPU
# time is limited for each process by itself. The exit code is the program's own; 128 and the number
# of the signal that ended it; 137 when its wall time is over; 130 or 143 when this script was told
# to end. 5: somebody else runs a program as this user. 1, with the reason: the runtime failed.
`;
}

/** What differs from script to script. */
function variables({ user }: RunSpec, runtime: string): string {
  return `
set -eu
umask 077
user=${shellQuote(user.name)}
container=${shellQuote(containerName(user.name))}
runtime=${shellQuote(runtime)}
state=${shellQuote(runtimeStateDirectory(user.name))}
bundle=${shellQuote(bundleDirectory(user.name))}
lease=${shellQuote(leaseFile(user.name))}
`;
}

/**
 * As jailctl leases a user: a lock that goes with its holder, on a file that is still there when it
 * is had. What it needs may vanish at any moment, when the run of another user ends.
 */
const leaseUser = `
refuse() {
  echo "$2" >&2
  exit "$1"
}

tries=0
while :; do
  if { mkdir -p ${leasesDirectory} && command exec 9>>"$lease"; } 2>/dev/null; then
    flock --nonblock 9 || refuse 5 "$user is running something"
    [ "$lease" -ef /proc/self/fd/9 ] && break
  fi
  tries=$((tries + 1))
  [ "$tries" -lt 1000 ] || refuse 125 "can't lock $lease"
done
echo "pid $$" >&9
`;

const makeBundle = `
clean_up() {
  rm -rf -- "$bundle"
  rm -f -- "$lease"
  rmdir ${bundlesDirectory} ${leasesDirectory} ${runsDirectory} 2>/dev/null || :
}
trap clean_up EXIT
# Somebody may have been killed before he could remove it.
rm -rf -- "$bundle"
mkdir -p "$bundle"
cat >"$bundle/config.json" <<'END_OF_CONFIG'
`;

/**
 * The runtime has the lock as well: should the script be killed, the user is not free before the
 * program has ended. It runs in the background, where it would read nothing (POSIX, 2.9.3.1), so
 * that the script hears signals.
 */
const startRuntime = `END_OF_CONFIG

ended=
status=0
end() {
  ended=$1
  # There may be no container yet, or no more.
  until "$runtime" --root "$state" kill "$container" KILL 2>/dev/null; do
    kill -0 "$runner" 2>/dev/null || break
    sleep 0.05
  done
}
exec 8<&0
"$runtime" --root "$state" run --bundle "$bundle" "$container" <&8 8<&- &
runner=$!
trap 'end 130' INT HUP
trap 'end 143' TERM
wait "$runner" || status=$?
# A signal ends the waiting only.
while kill -0 "$runner" 2>/dev/null; do wait "$runner" || status=$?; done
exit "\${ended:-$status}"
`;

/**
 * A script for sh(1) that runs a bundle as jailctl would. No line of the bundle ends it early: JSON
 * has no line that is a bare word.
 * @param runtime absolute path of the OCI runtime
 */
export function runScript(spec: RunSpec, config: OciConfig, runtime: string): string {
  return [
    header(spec),
    variables(spec, runtime),
    leaseUser,
    makeBundle,
    `${JSON.stringify(config, null, 2)}\n`,
    startRuntime,
  ].join('');
}
