/* Resources: descriptors and other objects that the kernel holds for a process. */
#define _GNU_SOURCE
#include "probe.h"
#include "resources.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Returns the highest descriptor that it has opened, or -1 with errno. */
static int open_one(const char *kind)
{
	int ends[2];

	/* Without a right to read it: every jail has this one. */
	if (strcmp(kind, "file") == 0)
		return open("/", O_PATH | O_CLOEXEC);
	if (strcmp(kind, "pipe") == 0)
		return pipe2(ends, O_CLOEXEC) < 0 ? -1 : ends[1];
	if (strcmp(kind, "epoll") == 0)
		return epoll_create1(EPOLL_CLOEXEC);
	if (strcmp(kind, "inotify") == 0)
		return inotify_init1(IN_CLOEXEC);
	if (strcmp(kind, "eventfd") == 0)
		return eventfd(0, EFD_CLOEXEC);
	if (strcmp(kind, "timerfd") == 0)
		return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (strcmp(kind, "socket") == 0)
		return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	fprintf(stderr, "jailctl-probe: no such descriptor: %s\n", kind);
	exit(64);
}

/* Of each kind as many as it gets: `KIND DESCRIPTORS ERRNO`. All are closed before the next kind. */
int open_many(int argc, char **argv)
{
	const long long max = number(argv[1]);
	int failure = 0;

	for (int at = 2; at < argc; at++) {
		int highest = STDERR_FILENO, last = 0;
		errno = 0;
		while (highest + 1 < max && (last = open_one(argv[at])) >= 0)
			highest = last > highest ? last : highest;
		const int reason = last < 0 ? errno : 0;
		for (int descriptor = STDERR_FILENO + 1; descriptor <= highest; descriptor++)
			close(descriptor);
		fact(argv[at], "%d %s", highest + 1, reason == 0 ? "done" : errno_name(reason));
		if (reason != 0)
			failure = reason;
	}
	errno = failure;
	return failure == 0 ? done() : refused("open");
}

/* The kernel's own form of it, which every C library hands on (mq_open(3)). */
struct queue_attributes {
	long flags, messages_max, message_bytes, messages;
	long reserved[4];
};

/* Queues of the size that every user may ask for; each has no name any more when it is there. */
int queue_messages(int argc, char **argv)
{
	const long long max = number(argv[1]);
	const struct queue_attributes size = {.messages_max = 10, .message_bytes = 8192};
	long long made = 0;
	char name[64];

	if (argc > 2)
		set_limit(RLIMIT_MSGQUEUE, argv[2]);
	for (; made < max; made++) {
		snprintf(name, sizeof name, "probe-%d-%lld", (int)getpid(), made);
		if (syscall(SYS_mq_open, name, O_RDWR | O_CREAT | O_EXCL, 0600, &size) < 0)
			break;
		syscall(SYS_mq_unlink, name);
	}
	const int reason = errno;
	fact("made", "%lld", made);
	errno = reason;
	return made == max ? done() : refused("mq_open");
}

/* Signals to itself that it does not take. */
int queue_signals(int argc, char **argv)
{
	const long long max = number(argv[1]);
	const union sigval nothing = {.sival_int = 0};
	long long made = 0;
	sigset_t blocked;

	if (argc > 2)
		set_limit(RLIMIT_SIGPENDING, argv[2]);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	while (made < max && sigqueue(getpid(), SIGRTMIN, nothing) == 0)
		made++;
	const int reason = errno;
	fact("made", "%lld", made);
	errno = reason;
	return made == max ? done() : refused("sigqueue");
}

/* The kernel keeps a signal ready for each timer, so the limit of pending ones is theirs as well. */
int make_timers(int argc, char **argv)
{
	const long long max = number(argv[1]);
	struct sigevent by_signal = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
	long long made = 0;
	timer_t timer;

	if (argc > 2)
		set_limit(RLIMIT_SIGPENDING, argv[2]);
	while (made < max && timer_create(CLOCK_MONOTONIC, &by_signal, &timer) == 0)
		made++;
	const int reason = errno;
	fact("made", "%lld", made);
	errno = reason;
	return made == max ? done() : refused("timer_create");
}
