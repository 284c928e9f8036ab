/* Processes: taking more of the machine than one was given. */
#define _GNU_SOURCE
#include "probe.h"
#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
	const char *name;
	int resource;
} limits[] = {
	{"core", RLIMIT_CORE},       {"cpu", RLIMIT_CPU},
	{"fsize", RLIMIT_FSIZE},     {"nofile", RLIMIT_NOFILE},
	{"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE},
	{"nice", RLIMIT_NICE},       {"rtprio", RLIMIT_RTPRIO},
	{"sigpending", RLIMIT_SIGPENDING},
};
enum { limit_count = sizeof limits / sizeof *limits };

static void write_limit(char *text, size_t size, rlim_t value)
{
	if (value == RLIM_INFINITY)
		snprintf(text, size, "unlimited");
	else
		snprintf(text, size, "%llu", (unsigned long long)value);
}

/* Of each limit the soft one and the hard one. */
int tell_limits(int argc, char **argv)
{
	char soft[32], hard[32];
	struct rlimit limit;
	(void)argc, (void)argv;

	for (int at = 0; at < limit_count; at++) {
		if (getrlimit(limits[at].resource, &limit) < 0)
			return refused("getrlimit");
		write_limit(soft, sizeof soft, limit.rlim_cur);
		write_limit(hard, sizeof hard, limit.rlim_max);
		fact(limits[at].name, "%s %s", soft, hard);
	}
	return done();
}

static int resource_named(const char *name, size_t length)
{
	for (int at = 0; at < limit_count; at++)
		if (strlen(limits[at].name) == length && strncmp(limits[at].name, name, length) == 0)
			return limits[at].resource;
	broken(name);
}

/* Sets limits, `core=1`: the hard ones too, so that what is above the present ones is a raise. */
int set_limits(int argc, char **argv)
{
	int first_errno = 0;
	bool worked = false;

	for (int at = 1; at < argc; at++) {
		const size_t length = strcspn(argv[at], "=");
		const int resource = resource_named(argv[at], length);
		const rlim_t value = (rlim_t)number(argv[at] + length + 1);
		const struct rlimit limit = {.rlim_cur = value, .rlim_max = value};
		const bool works = setrlimit(resource, &limit) == 0;
		const int reason = errno;
		argv[at][length] = '\0';
		fact(argv[at], "%s", works ? "done" : errno_name(reason));
		worked |= works;
		if (!works && first_errno == 0)
			first_errno = reason;
	}
	if (worked)
		return done();
	errno = first_errno;
	return refused("setrlimit");
}

/* Who has a low score is not the one that is killed when memory is short (proc_pid_oom_score_adj(5)). */
int set_oom_score(int argc, char **argv)
{
	const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	(void)argc;

	if (file < 0)
		return refused("open oom_score_adj");
	if (write(file, argv[1], strlen(argv[1])) < 0)
		return refused("write oom_score_adj");
	return done();
}

int raise_priority(int argc, char **argv)
{
	(void)argc, (void)argv;
	errno = 0;
	const int niceness = getpriority(PRIO_PROCESS, 0);

	if (niceness == -1 && errno != 0)
		return refused("getpriority");
	fact("nice", "%d", niceness);
	if (setpriority(PRIO_PROCESS, 0, niceness - 1) < 0)
		return refused("setpriority");
	return done();
}

/* sched_setattr(2), as of its first version. */
struct scheduling {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

/*
 * A program in real time can take a processor from everybody. By the calls themselves: the functions
 * of musl know no scheduling.
 */
int become_real_time(int argc, char **argv)
{
	const struct sched_param lowest = {.sched_priority = 1};
	struct scheduling deadline = {
		.size = sizeof deadline,
		.policy = 6 /* SCHED_DEADLINE */,
		.runtime = 1000000,
		.deadline = 100000000,
		.period = 100000000,
	};
	(void)argc, (void)argv;
	const bool fifo = syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &lowest) == 0;
	const int reason = errno;
	const bool round_robin = syscall(SYS_sched_setscheduler, 0, SCHED_RR, &lowest) == 0;
	const bool by_deadline = syscall(SYS_sched_setattr, 0, &deadline, 0) == 0;

	fact("fifo", "%s", fifo ? "done" : errno_name(reason));
	fact("round-robin", "%s", round_robin ? "done" : "refused");
	fact("deadline", "%s", by_deadline ? "done" : "refused");
	if (fifo || round_robin || by_deadline)
		return done();
	errno = reason;
	return refused("sched_setscheduler");
}

/* The best of the classes that everybody may have (ioprio_set(2)). */
int raise_io_priority(int argc, char **argv)
{
	const int process = 1, best_effort = 2 << 13;
	(void)argc, (void)argv;

	if (syscall(SYS_ioprio_set, process, 0, best_effort) < 0)
		return refused("ioprio_set");
	return done();
}

/* Moves to each of these processors, as far as it may. */
int use_processors(int argc, char **argv)
{
	int first_errno = 0;
	bool worked = false;

	for (int at = 1; at < argc; at++) {
		cpu_set_t one;
		const long long wanted = number(argv[at]);
		CPU_ZERO(&one);
		CPU_SET((size_t)wanted, &one);
		if (sched_setaffinity(0, sizeof one, &one) == 0) {
			fact("processor", "%lld", wanted);
			worked = true;
		} else if (first_errno == 0) {
			first_errno = errno;
		}
	}
	if (worked)
		return done();
	errno = first_errno;
	return refused("sched_setaffinity");
}

/*
 * Opens files of mounted cgroups for writing, and writes nothing. Who may write there can raise the
 * limits of a run, leave it, or have the kernel start a program as root (CVE-2022-0492).
 */
int open_cgroups(int argc, char **argv)
{
	static const char *const files[] = {"cgroup.procs", "tasks", "release_agent", "pids.max",
					    "memory.max", "cpu.max"};
	char line[4096], at[1024], type[64], path[1200];
	int mounts = 0, reason = ENOENT;
	bool worked = false;
	(void)argc, (void)argv;
	FILE *table = fopen("/proc/self/mounts", "re");

	while (table != NULL && fgets(line, sizeof line, table) != NULL) {
		if (sscanf(line, "%*s %1023s %63s", at, type) != 2 || strncmp(type, "cgroup", 6) != 0)
			continue;
		fact("mount", "%s", at);
		mounts++;
		for (size_t file = 0; file < sizeof files / sizeof *files && !worked; file++) {
			snprintf(path, sizeof path, "%s/%s", at, files[file]);
			const int descriptor = open(path, O_WRONLY | O_CLOEXEC);
			if (descriptor < 0) {
				reason = errno == ENOENT ? reason : errno;
				continue;
			}
			worked = true;
			fact("file", "%s", path);
			close(descriptor);
		}
	}
	if (table != NULL)
		fclose(table);
	fact("mounts", "%d", mounts);
	if (worked)
		return done();
	if (mounts == 0 && access("/sys/fs/cgroup", F_OK) == 0)
		return outcome("directory");
	errno = reason;
	return refused("open");
}
