/** The pipes of a run, as they are named in the directory of its user. */
export const pipeNames = ['stdin', 'stdout', 'stderr', 'status', 'lifeline'] as const;

/** It exits with this when its lock file was removed by the holder before. */
export const staleStatus = 76;

/**
 * Takes the lock of a leased user, and then waits for the death of jailctl, to clean up after it.
 * It shares jailctl's lock (flock(2)), so nobody leases the user before it is done.
 *
 * Descriptor 3 is the open lock file. Arguments: `--nonblock` or nothing, the lock file, the user's
 * UID, the directory for the run's files, the runtime's directory of the run, and the cgroups of
 * the run. It prints `locked`. On its standard input it reads `pipes` (it makes them, and prints
 * `made`: Node can't), `run PID` (the runtime), `idle`, and `released`: then it just ends, for
 * jailctl has cleaned up. Any other end of its input means that jailctl was killed.
 *
 * POSIX sh, because it must be small, and must not die of what kills Node.
 */
export const janitorScript = `
set -u
wait=$1 lock=$2 uid=$3 directory=$4 state=$5
shift 5

flock --exclusive $wait --conflict-exit-code 75 3 || exit
[ "$lock" -ef /proc/self/fd/3 ] || exit 76
echo locked

runtime=
while read -r word number; do
  case $word in
    pipes)
      cd -- "$directory" && mkfifo -m 0600 stdin stdout stderr status lifeline || exit
      cd /
      echo made
      ;;
    run) runtime=$number ;;
    idle) runtime= ;;
    released) exit 0 ;;
  esac
done

# Process 1 of the run has seen the end of its lifeline as well, and ends everything in there. The
# runtime then removes its own; while it does, or before the run has begun, it must not be disturbed.
tries=0
while [ -n "$runtime" ] && grep -qsF -- "jailctl-" "/proc/$runtime/cmdline" && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.02
done
[ $tries -lt 100 ] || kill -s KILL "$runtime"

# A run without a runtime has no process 1 to end it.
# Its own sender must not have the user's real UID, or the user could trace it (ptrace(2)).
timeout --signal=KILL 1 setpriv --ruid=4294967294 --euid="$uid" --regid="$uid" --clear-groups -- \
  sh -p -c 'kill -s KILL -- -1' 2>/dev/null

for group in "$@"; do
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
  # There may be other runs.
  rmdir -- "$(dirname -- "$group")" 2>/dev/null
done
rm -rf -- "$state" "$directory" "$lock"
`;
