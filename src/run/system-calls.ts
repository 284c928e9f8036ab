/**
 * System calls by what they are for. Both lists name calls of x86_64 and of aarch64; each
 * architecture lacks some, and a runtime passes over names that it does not know.
 */
const allowedByPurpose: Readonly<Record<string, string>> = {
  'reading and writing':
    'read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2 lseek sendfile splice tee copy_file_range readahead fadvise64',
  'opening and closing':
    'open openat openat2 creat close close_range dup dup2 dup3 fcntl flock pipe pipe2',
  'what a file is':
    'stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat statfs fstatfs getdents getdents64 getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr cachestat',
  'changing files':
    'truncate ftruncate fallocate fsync fdatasync sync syncfs sync_file_range rename renameat renameat2 link linkat symlink symlinkat unlink unlinkat mkdir mkdirat rmdir mknod mknodat chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr umask',
  'the working directory': 'getcwd chdir fchdir',
  'waiting for descriptors':
    'select pselect6 poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch',
  memory:
    'brk munmap mremap mprotect madvise msync mincore mlock mlock2 mlockall munlock munlockall pkey_alloc pkey_free pkey_mprotect mseal map_shadow_stack membarrier',
  'processes and threads':
    'fork vfork execve execveat exit exit_group wait4 waitid getpid getppid gettid set_tid_address set_robust_list get_robust_list futex futex_waitv futex_wait futex_wake futex_requeue rseq arch_prctl prctl uretprobe pidfd_open pidfd_send_signal restart_syscall',
  'process groups and sessions': 'getpgid getpgrp setpgid getsid setsid',
  signals:
    'kill tkill tgkill pause alarm rt_sigaction rt_sigprocmask rt_sigpending rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack',
  scheduling:
    'sched_yield sched_getaffinity sched_setaffinity sched_getparam sched_setparam sched_getscheduler sched_setscheduler sched_getattr sched_setattr sched_get_priority_max sched_get_priority_min sched_rr_get_interval getpriority setpriority ioprio_get getcpu',
  time: 'time gettimeofday clock_gettime clock_getres clock_nanosleep nanosleep times getitimer setitimer timer_create timer_settime timer_gettime timer_getoverrun timer_delete timerfd_create timerfd_settime timerfd_gettime',
  // Without capabilities the ones that set can only give rights up. The runtime needs some of them
  // after it has loaded the filter.
  'who one is':
    'getuid geteuid getgid getegid getgroups getresuid getresgid setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capget capset',
  'limits and facts of the machine':
    'getrlimit setrlimit prlimit64 getrusage sysinfo uname getrandom',
  'sockets, once they are made':
    'bind listen accept accept4 connect getsockname getpeername getsockopt setsockopt shutdown sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg',
  'System V and POSIX objects, in the namespace of the run':
    'shmat shmdt shmctl semget semop semtimedop semctl msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr',
  'giving rights up': 'seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self',
};

export const allowedCalls: readonly string[] = Object.values(allowedByPurpose).flatMap((names) =>
  names.split(' '),
);

export interface DeniedGroup {
  readonly calls: readonly string[];
  /** What they would do to the host or to others. */
  readonly why: string;
}

function denied(why: string, names: string): DeniedGroup {
  return { calls: names.split(' '), why };
}

/** Calls that are refused on purpose. All others that are not allowed look as if they did not exist. */
export const deniedCalls: readonly DeniedGroup[] = [
  denied(
    'keyrings belong to a UID, not to a namespace, and outlive the run (CVE-2016-0728)',
    'add_key request_key keyctl',
  ),
  denied(
    'reads, writes and stops other processes (ptrace(2), CVE-2019-13272)',
    'ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp',
  ),
  denied('loads programs into the kernel (CVE-2021-3490)', 'bpf'),
  denied('measures the kernel and other processes (CVE-2013-2094)', 'perf_event_open'),
  denied(
    'its operations pass this filter by, and it has had more kernel exploits than any other part (CVE-2023-2598)',
    'io_uring_setup io_uring_enter io_uring_register',
  ),
  denied(
    'its contexts count against fs.aio-max-nr, which all of the host shares',
    'io_setup io_submit io_getevents io_pgetevents io_cancel io_destroy',
  ),
  denied('stops the kernel within its own copies, for exploits to win races', 'userfaultfd'),
  denied('gives pages away that others write to later (CVE-2020-29374)', 'vmsplice'),
  denied(
    'changes what is mounted; with a user namespace, without any rights (CVE-2022-0185)',
    'mount umount2 pivot_root chroot mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick',
  ),
  denied('makes or enters namespaces: user_namespaces(7), CVE-2022-0492', 'unshare setns'),
  denied(
    'opens files by number, past every directory on the way to them (CVE-2014-3519)',
    'open_by_handle_at name_to_handle_at',
  ),
  denied(
    'runs code in the kernel, or another kernel',
    'init_module finit_module delete_module kexec_load kexec_file_load',
  ),
  denied(
    'rules the whole machine',
    'reboot swapon swapoff acct quotactl quotactl_fd vhangup syslog sethostname setdomainname',
  ),
  denied('sets the clock of the machine', 'settimeofday clock_settime adjtimex clock_adjtime'),
  denied('reaches the hardware: ioperm(2), iopl(2)', 'iopl ioperm'),
  denied('changes segments, for 16-bit programs: modify_ldt(2)', 'modify_ldt'),
  denied(
    'memory that the kernel itself can neither move nor look at: memfd_secret(2)',
    'memfd_secret',
  ),
  denied(
    'places memory on nodes, to the harm of neighbours: numa(7)',
    'mbind set_mempolicy set_mempolicy_home_node get_mempolicy migrate_pages move_pages',
  ),
  denied('jumps the queue of the disk: ioprio_set(2)', 'ioprio_set'),
  denied('watches what others do with files: fanotify(7)', 'fanotify_init fanotify_mark'),
  denied(
    'finds kernel secrets, or is long out of use',
    'lookup_dcookie uselib ustat sysfs _sysctl',
  ),
];
