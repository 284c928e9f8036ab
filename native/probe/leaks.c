/* Leaks: what stays of a run for the next one, and what the kernel tells about others. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Of linux/keyctl.h. */
enum { user_keyring = -4, keyctl_unlink = 9, keyctl_search = 10 };

enum { everybody = 0666, page = 4096 };

/* The four sorts of objects that outlive the process that makes them. */
enum { sort_count = 4 };
static const char *const sorts[sort_count] = {"shared-memory", "semaphores", "messages", "queue"};

/* The kernel takes the names of queues without the slash that libraries want before them. */
static const char *queue_name(key_t key)
{
	static char name[64];

	snprintf(name, sizeof name, "jailctl-probe-%x", (unsigned)key);
	return name;
}

/* Opens or makes (IPC_CREAT) one; the id, or -1 with errno. */
static int object(int sort, key_t key, int flags)
{
	const bool is_new = flags & IPC_CREAT;
	struct mq_attr attributes = {.mq_maxmsg = 1, .mq_msgsize = 16};
	const int how = is_new ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY;

	switch (sort) {
	case 0:
		return shmget(key, is_new ? page : 0, flags);
	case 1:
		return semget(key, is_new ? 1 : 0, flags);
	case 2:
		return msgget(key, flags);
	default:
		/* By number: before glibc 2.34 the function is in a library of its own. */
		return (int)syscall(SYS_mq_open, queue_name(key), how, everybody, &attributes);
	}
}

static void remove_object(int sort, key_t key)
{
	const int id = object(sort, key, 0);

	if (id < 0)
		return;
	if (sort == 0)
		shmctl(id, IPC_RMID, NULL);
	else if (sort == 1)
		semctl(id, 0, IPC_RMID);
	else if (sort == 2)
		msgctl(id, IPC_RMID, NULL);
	else
		syscall(SYS_mq_unlink, queue_name(key));
}

/* Makes, finds or removes an object of each sort that the kernel has. To find one is enough. */
static int ipc(int argc, char **argv)
{
	const key_t key = (key_t)number(argv[2]);
	const bool is_making = strcmp(argv[1], "make") == 0 || strcmp(argv[1], "hold") == 0;
	int worked = 0, absent = 0, reason = ENOSYS;

	(void)argc;
	for (int sort = 0; sort < sort_count; sort++) {
		if (strcmp(argv[1], "remove") == 0) {
			remove_object(sort, key);
			continue;
		}
		const int flags = is_making ? IPC_CREAT | IPC_EXCL | everybody : 0;
		const bool works = object(sort, key, flags) >= 0;
		fact(sorts[sort], "%s", works ? "done" : errno_name(errno));
		if (!works && errno != ENOSYS)
			reason = errno;
		worked += works;
		absent += !works && errno == ENOSYS;
	}
	if (strcmp(argv[1], "hold") == 0)
		wait_until_told_to_end();
	if (strcmp(argv[1], "remove") == 0 ||
	    (worked > 0 && (!is_making || worked + absent == sort_count)))
		return done();
	errno = reason;
	return refused(is_making ? "make" : "find");
}

/* Makes, finds or removes a key in the keyring of the UID. */
static int keyring(int argc, char **argv)
{
	const char *name = argv[2];
	long id;

	(void)argc;
	if (strcmp(argv[1], "make") == 0) {
		id = syscall(SYS_add_key, "user", name, "probe", 5, user_keyring);
		return id < 0 ? refused("add_key") : done();
	}
	id = syscall(SYS_keyctl, keyctl_search, user_keyring, "user", name, 0);
	if (id < 0)
		return refused("keyctl");
	if (strcmp(argv[1], "remove") == 0)
		syscall(SYS_keyctl, keyctl_unlink, id, user_keyring);
	return done();
}

/* Locks a file that it may only read. */
static int lock(int argc, char **argv)
{
	const int file = open(argv[1], O_RDONLY | O_CLOEXEC);

	if (file < 0)
		return refused("open");
	if (flock(file, LOCK_EX | LOCK_NB) < 0)
		return refused("flock");
	if (argc > 2)
		wait_until_told_to_end();
	return done();
}

/* How much of each file can be read: bytes, or the errno; 0 for one that is covered. */
static int readable(int argc, char **argv)
{
	static char text[page];

	for (int at = 1; at < argc; at++) {
		char name[32];
		snprintf(name, sizeof name, "file-%d", at - 1);
		const int file = open(argv[at], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		const ssize_t count = file < 0 ? -1 : read(file, text, sizeof text);
		if (count < 0)
			fact(name, "%s", errno_name(errno));
		else
			fact(name, "%zd", count);
		if (file >= 0)
			close(file);
	}
	return done();
}

/* Says each line of a file. */
static int lines(int argc, char **argv)
{
	FILE *file = fopen(argv[1], "re");
	char *line = NULL;
	size_t size = 0;

	(void)argc;
	if (file == NULL)
		return refused("open");
	for (int at = 0; getline(&line, &size, file) >= 0; at++) {
		char name[32];
		snprintf(name, sizeof name, "line-%d", at);
		line[strcspn(line, "\n")] = '\0';
		fact(name, "%s", line);
	}
	return done();
}

/* What the machine is called. */
static int names(int argc, char **argv)
{
	struct utsname one;

	(void)argc;
	(void)argv;
	if (uname(&one) < 0)
		return refused("uname");
	fact("nodename", "%s", one.nodename);
	return done();
}

const struct action leak_actions[] = {
	{"ipc", "make|hold|find|remove KEY", 2, 2, ipc},
	{"keyring", "make|find|remove NAME", 2, 2, keyring},
	{"lock", "PATH [hold]", 1, 2, lock},
	{"readable", "PATH...", 1, -1, readable},
	{"lines", "PATH", 1, 1, lines},
	{"names", "", 0, 0, names},
	{NULL, NULL, 0, 0, NULL},
};
