import { bundlesDirectory, leasesDirectory, runsDirectory } from '../../model/host-paths.ts';

/** It exits with this when its lock file was removed by the holder before. */
export const staleStatus = 76;

/**
 * Takes the lock of a leased user, and then waits for the death of jailctl, to clean up after it.
 * It shares jailctl's lock (flock(2)), so nobody leases the user before it is done.
 *
 * Descriptor 3 is the open lock file. Arguments: `--nonblock` or nothing, the lock file, the user's
 * UID, the directory of the run, jailctl-sweep, and the cgroups of the run. It prints `locked`. On
 * its standard input it reads `run PID` (the runtime), `idle`, and `released`: jailctl has cleaned
 * up, and goes on to remove the lock file. Any other end of its input means that jailctl was killed,
 * and whatever runs of the user there were is ended and removed.
 *
 * The lock file goes last, and only when nothing else is left: that it is there and not empty tells
 * the next one that somebody has to clean up. Exit code 1, and a complaint, when that fails.
 *
 * POSIX sh, because it must be small, and must not die of what kills Node.
 */
export const janitorScript = String.raw`
set -u
wait=$1 lock=$2 uid=$3 directory=$4 sweep=$5
shift 5
# jailctl may be dead already, and nobody reads what is said.
trap '' PIPE

flock --exclusive $wait --conflict-exit-code 75 3 || exit
[ "$lock" -ef /proc/self/fd/3 ] || exit 76
echo locked

# Other users may have theirs there: then it stays. Who makes one tries again if it is gone.
unlink_lock() {
  rm -f -- "$lock"
  rmdir -- ${leasesDirectory} ${bundlesDirectory} ${runsDirectory} 2>/dev/null
}

runtime= released=
while read -r word number; do
  case $word in
    run) runtime=$number ;;
    idle) runtime= ;;
    released) released=1 ;;
  esac
done
# Most often jailctl has removed the file, which takes no program. Another one's may lie there by now.
if [ -n "$released" ]; then
  [ "$lock" -ef /proc/self/fd/3 ] && unlink_lock
  exit 0
fi

# Process 1 of the run has seen the end of its lifeline as well, and ends everything in there. The
# runtime then removes its own; while it does, or before the run has begun, it should not be
# disturbed.
tries=0
while [ -n "$runtime" ] && grep -qsF -- "$directory" "/proc/$runtime/cmdline" && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.02
done

# Its argument tells a runtime that the earlier janitor knew and we don't. The pattern comes by a
# pipe, so that grep does not find itself.
runtimes() {
  printf '%s\n' "$directory/runtime" | grep -lsxzF -f - -- /proc/[0-9]*/cmdline
}
tries=0
while [ $tries -lt 500 ] && found=$(runtimes); do
  for file in $found; do
    pid=$(basename -- "$(dirname -- "$file")")
    kill -s KILL "$pid" 2>/dev/null
  done
  tries=$((tries + 1))
  sleep 0.01
done

failed=
for group do
  tries=0
  while [ -d "$group" ] && [ $tries -lt 500 ]; do
    find "$group" -depth -type d -exec rmdir -- {} + 2>/dev/null && break
    if [ -e "$group/cgroup.kill" ]; then
      echo 1 >"$group/cgroup.kill"
    else
      find "$group" -name cgroup.procs -exec cat -- {} + 2>/dev/null | while read -r pid; do
        [ "$pid" = 0 ] || kill -s KILL "$pid" 2>/dev/null
      done
    fi
    tries=$((tries + 1))
    sleep 0.02
  done
  if [ -d "$group" ]; then
    failed=1
    echo "processes in $group do not end" >&2
  fi
  # There may be other runs.
  rmdir -- "$(dirname -- "$group")" 2>/dev/null
done
"$sweep" "$uid" || failed=1

# A runtime mounts its own program there for an instant.
while read -r _ _ _ _ at _; do
  case $at in "$directory"/*) umount --lazy -- "$at" || failed=1 ;; esac
done </proc/self/mountinfo
# A file that was on its way out of the run lies beside its place.
[ ! -L "$directory/partial" ] || rm -f -- "$(readlink -- "$directory/partial")" || failed=1
rm -rf -- "$directory" || failed=1
[ -z "$failed" ] || exit 1
unlink_lock
exit 0
`;
