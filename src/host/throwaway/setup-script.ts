/** Where a throwaway host shows what it is made of; only root can enter. */
export const layersDirectory = '/run/jailctl-throwaway';

/**
 * Makes the throwaway host, as process 1 of fresh mount, network, PID, UTS and IPC namespaces,
 * then waits until its standard input is closed, and ends with everything in it.
 *
 * It is the same text every time: what varies comes as arguments, three for each layer (`overlay`
 * or `bind`, mount flags each followed by a comma, mount point), then three for each cgroup
 * hierarchy (`cgroup` or `cgroup2`, mount options each after a comma, mount point). It prints
 * `read-only N` for a layer that could not be overlaid, and at last `ready PID`, PID being its own
 * on the real host.
 *
 * POSIX sh, because a minimal host has nothing else that can call mount(2) between unshare(2) and
 * pivot_root(2).
 */
export const setupScript = String.raw`
set -eu

# The procfs that is still mounted belongs to the real host, and so does the number it shows.
read -r process _ </proc/self/stat
# Keep the pipe away from every program started here: its end is the end of this host.
exec 3<&0 </dev/null

# Built under /run, because nothing below it is copied. The real /run stays as it is: this is
# another mount namespace, and no mount in it propagates.
base=/run
root=$base/root
mount -t tmpfs -o mode=0700 throwaway $base
mkdir $root $base/lower $base/upper $base/merged $base/work

# The numbers stand for paths because a path may hold what separates mount options.
# Chained, because "set -e" does not hold in a function whose failure is tested.
overlay() { # number, flags, mount point
  lower=$base/lower/$1 upper=$base/upper/$1 work=$base/work/$1 merged=$base/merged/$1
  # The merged directory shows the attributes of the upper one.
  # redirect_dir: rename(2) of a directory works as on the real host, instead of EXDEV.
  # metacopy: the upper layer has to hold whole files.
  # index: names of one file stay names of one file, and are counted right: jails share files.
  # nfs_export: the same in a throwaway host of this one.
  mkdir $lower $upper $work $merged &&
    mount --bind -- "$3" $lower &&
    mount -o remount,bind,ro $lower &&
    chmod --reference=$lower $upper &&
    chown --reference=$lower $upper &&
    mount -t overlay -o "$2lowerdir=$lower,upperdir=$upper,workdir=$work,redirect_dir=on,metacopy=off,index=on,nfs_export=on" \
      throwaway "$root$3" &&
    mount --bind -- "$root$3" $merged &&
    mount -o remount,bind,ro $merged
}
read_only() { # mount point
  mount --bind -- "$1" "$root$1"
  mount -o remount,bind,ro "$root$1"
}

number=0
while [ $# -gt 0 ]; do
  case $1 in cgroup*) break ;; esac
  by=$1 flags=$2 at=$3
  shift 3
  if [ ! -e "$at" ]; then
    : # Hidden below another mount.
  elif [ $by = bind ]; then
    read_only "$at"
  elif [ ! -d "$at" ]; then
    # A single file can be mounted, as containers do with /etc/resolv.conf, but not overlaid.
    read_only "$at"
    echo read-only $number
  elif [ "$at" = / ]; then
    overlay $number "$flags" "$at"
  elif ! overlay $number "$flags" "$at" 2>/dev/null; then
    # Some can't be a lower layer: vfat, because its names ignore case.
    read_only "$at"
    echo read-only $number
  fi
  number=$((number + 1))
done

mount -t proc -o nosuid,nodev,noexec proc $root/proc
# The kernel takes the hostname of whoever writes, so this is the one of the new UTS namespace.
echo throwaway >$root/proc/sys/kernel/hostname
# Own namespaces don't cover what hangs on these: a sysctl outside net/ is the real host's.
mount --bind $root/proc/sys $root/proc/sys
mount -o remount,bind,ro $root/proc/sys
mount --bind $root/proc/sys/net $root/proc/sys/net
mount -o remount,bind,rw $root/proc/sys/net
if [ -e $root/proc/sysrq-trigger ]; then
  trigger=$root/proc/sysrq-trigger
  mount --bind $trigger $trigger
  mount -o remount,bind,ro $trigger
fi

# A fresh sysfs shows this network namespace, and has no cgroup file system mounted in it.
mount -t sysfs -o nosuid,nodev,noexec sysfs $root/sys
# IFF_UP | IFF_LOOPBACK, the same as "ip link set lo up", which a minimal host does not have.
echo 0x9 >$root/sys/class/net/lo/flags
mount -o remount,bind,ro $root/sys

# In version 1 the first process stays in the group that it sees as the root. In version 2 it goes
# into a leaf: the root, which is none to the kernel, could not hand on controllers otherwise.
[ $# -eq 0 ] || [ "$3" = /sys/fs/cgroup ] || mount -t tmpfs -o mode=0755 cgroup $root/sys/fs/cgroup
while [ $# -gt 0 ]; do
  type=$1 options=$2 at=$3
  shift 3
  mkdir -p "$root$at"
  mount -t $type -o "nosuid,nodev,noexec$options" cgroup "$root$at"
  if [ $type = cgroup2 ]; then
    mkdir "$root$at/init"
    echo 0 >"$root$at/init/cgroup.procs"
    continue
  fi
  case $options in
    *,name=*) ;;
    ,*,*)
      # crun looks for each of several controllers by its own name.
      for controller in $(echo "$options" | tr , ' '); do
        link=$root/sys/fs/cgroup/$controller
        [ -e "$link" ] || ln -s "$(basename "$at")" "$link"
      done
      ;;
  esac
done

# No devtmpfs: through it, a removed node or a written disk would be the real host's.
dev=$root/dev
mount -t tmpfs -o nosuid,noexec,mode=0755,size=1m devices $dev
umask 0
mknod -m 0666 $dev/null c 1 3
mknod -m 0666 $dev/zero c 1 5
mknod -m 0666 $dev/full c 1 7
mknod -m 0666 $dev/random c 1 8
mknod -m 0666 $dev/urandom c 1 9
mknod -m 0666 $dev/tty c 5 0
mkdir -m 0755 $dev/pts
mkdir -m 1777 $dev/shm
umask 022
mount -t devpts -o newinstance,nosuid,noexec,ptmxmode=0666,mode=0620,gid=5 devpts $dev/pts
mount -t tmpfs -o nosuid,nodev,mode=1777 shm $dev/shm
ln -s pts/ptmx $dev/ptmx
ln -s /proc/self/fd $dev/fd
ln -s fd/0 $dev/stdin
ln -s fd/1 $dev/stdout
ln -s fd/2 $dev/stderr

mount -t tmpfs -o nosuid,nodev,mode=0755 run $root/run
mkdir -m 1777 $root/run/lock
mkdir -m 0700 $root/run/jailctl-throwaway $root/run/jailctl-throwaway/real
for view in lower upper merged; do
  mkdir $root/run/jailctl-throwaway/$view
  mount --rbind $base/$view $root/run/jailctl-throwaway/$view
  mount -o remount,bind,ro $root/run/jailctl-throwaway/$view
done

cd $root
pivot_root . run/jailctl-throwaway/real
cd /
umount -l /run/jailctl-throwaway/real
rmdir /run/jailctl-throwaway/real

echo ready $process
# Waiting, rather than reading here, makes the shell reap the orphans that process 1 inherits.
cat <&3 >/dev/null &
exec 3<&-
wait $!
`;
