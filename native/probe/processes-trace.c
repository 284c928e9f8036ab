/* Processes: reading and steering another one of the same UID. */
#define _GNU_SOURCE
#include "probe.h"
#include "processes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

/* The numbers are the same on every architecture; an old C library does not have them. */
enum { pidfd_open_call = 434, pidfd_getfd_call = 438 };

enum { child_seconds = 10 };

static char secret[] = "a secret in memory";

/*
 * Something to attack. Where Yama lets parents trace only, it lets everybody in
 * (PR_SET_PTRACER(2const)): what stops an attack is then the jail.
 */
int victim(int argc, char **argv)
{
	int ends[2];
	(void)argc, (void)argv;

	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
	if (pipe(ends) < 0)
		broken("pipe");
	fact("pid", "%d", getpid());
	fact("address", "%" PRIuPTR, (uintptr_t)secret);
	fact("descriptor", "%d", ends[0]);
	wait_until_told_to_end();
	fact("nice", "%d", getpriority(PRIO_PROCESS, 0));
	return done();
}

struct target {
	pid_t pid;
	uintptr_t address;
	int descriptor;
};

/* Seizing does not stop it, and it goes on unharmed when this process ends (ptrace(2)). */
static int trace(const struct target *target)
{
	return (int)ptrace(PTRACE_SEIZE, target->pid, NULL, NULL);
}

static int read_memory(const struct target *target)
{
	char text[sizeof secret] = "";
	const struct iovec here = {.iov_base = text, .iov_len = sizeof text};
	const struct iovec there = {.iov_base = (void *)target->address, .iov_len = sizeof text};

	return process_vm_readv(target->pid, &here, 1, &there, 1, 0) < 0 ? -1 : 0;
}

/* /proc/1/mem of a run would be a way into process 1, which says how the program ended. */
static int open_memory(const struct target *target)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/mem", target->pid);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* The directory of its descriptors: from there each can be opened anew, /proc/1/fd/3 also. */
static int open_descriptors(const struct target *target)
{
	char path[64];

	snprintf(path, sizeof path, "/proc/%d/fd", target->pid);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int take_descriptor(const struct target *target)
{
	const long process = syscall(pidfd_open_call, target->pid, 0);

	if (process < 0)
		return -1;
	return (int)syscall(pidfd_getfd_call, process, target->descriptor, 0);
}

static const struct {
	const char *name;
	int (*attempt)(const struct target *target);
} ways[] = {
	{"ptrace", trace},
	{"read-memory", read_memory},
	{"open-memory", open_memory},
	{"open-descriptors", open_descriptors},
	{"take-descriptor", take_descriptor},
};
enum { way_count = sizeof ways / sizeof *ways };

/* Another process of the same program, so that what is here is at the same place there. */
static struct target start_child(void)
{
	const pid_t pid = fork();

	if (pid < 0)
		broken("fork");
	if (pid == 0) {
		alarm(child_seconds);
		for (;;)
			pause();
	}
	return (struct target){.pid = pid, .address = (uintptr_t)secret, .descriptor = STDIN_FILENO};
}

/* Tries one way after the other. It worked when one of them did; else the first refusal counts. */
int meddle(int argc, char **argv)
{
	const bool own = strcmp(argv[1], "child") == 0;
	int first_errno = 0;
	const char *first = NULL;
	bool worked = false;
	struct target target;

	if (own)
		target = start_child();
	else
		target = (struct target){
			.pid = (pid_t)number(argv[1]),
			.address = (uintptr_t)number(argv[2]),
			.descriptor = (int)number(argv[3]),
		};
	for (int at = 4; at < argc; at++) {
		int way = 0;
		while (way < way_count && strcmp(ways[way].name, argv[at]) != 0)
			way++;
		if (way == way_count)
			broken(argv[at]);
		const bool works = ways[way].attempt(&target) >= 0;
		const int reason = errno;
		fact(ways[way].name, "%s", works ? "done" : errno_name(reason));
		worked |= works;
		if (works || first != NULL)
			continue;
		first = ways[way].name;
		first_errno = reason;
	}
	if (own)
		kill(target.pid, SIGKILL);
	if (worked)
		return done();
	errno = first_errno;
	return refused(first);
}
