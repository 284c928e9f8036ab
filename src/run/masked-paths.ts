/**
 * Files of /proc that no namespace divides: they tell about the host and its other users, and give
 * away what attacks want to know. Docker's and containerd's list is a part of it. Only what exists
 * is masked: a file by /dev/null, a directory by an empty read-only file system.
 */
export const maskedProcPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/cmdline',
  '/proc/config.gz',
  '/proc/diskstats',
  // When a key is pressed, or a packet comes: the timing tells what is typed.
  '/proc/interrupts',
  '/proc/kallsyms',
  '/proc/kcore',
  '/proc/key-users',
  '/proc/keys',
  '/proc/kmsg',
  '/proc/latency_stats',
  '/proc/modules',
  '/proc/pagetypeinfo',
  '/proc/partitions',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/slabinfo',
  '/proc/softirqs',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/vmallocinfo',
];

/** Docker's list: what root could change, and nobody may. */
export const readonlyProcPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
];
