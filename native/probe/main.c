/*
 * jailctl-probe: does what an attacker would, and says how it came out.
 *
 *   jailctl-probe [--as UID] [--root DIR] [--isolated] [--with-parent PID] ACTION [ARGUMENT...]
 *   jailctl-probe --list
 *
 * In a jail it is the attempt; outside of one, the control. It is static, for jails that have
 * nothing in them, and takes no right with it: whoever may run it could do the same without it.
 *
 *   --as UID           as that user and the group of that number, in no other groups (root only)
 *   --root DIR         with that root directory (root only)
 *   --isolated         in mount, PID, network, IPC and UTS namespaces of its own (root only)
 *   --with-parent PID  it ends when its parent does, which is the process PID
 *
 * It says `NAME VALUE` lines, and last `outcome done`, or `outcome EPERM`: the errno that refused.
 * Exit code 0 when there is an outcome, 64 for wrong usage, 70 when the probe itself failed.
 */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct action *const groups[] = {
	file_actions,     process_actions, network_actions,  privilege_actions,
	resource_actions, leak_actions,    terminal_actions,
};
enum { group_count = sizeof groups / sizeof *groups };

static _Noreturn void usage(const char *complaint)
{
	fprintf(stderr, "jailctl-probe: %s (--list shows the actions)\n", complaint);
	exit(64);
}

static int list(void)
{
	for (int group = 0; group < group_count; group++)
		for (const struct action *one = groups[group]; one->name != NULL; one++)
			printf("%s %s\n", one->name, one->arguments);
	return 0;
}

static const struct action *find(const char *name)
{
	for (int group = 0; group < group_count; group++)
		for (const struct action *one = groups[group]; one->name != NULL; one++)
			if (strcmp(one->name, name) == 0)
				return one;
	usage(name);
}

/* A new UID takes it away again (PR_SET_PDEATHSIG(2const)). */
static void end_with_parent(void)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		broken("end with the parent");
}

/* A new PID namespace is for children only, so a child goes on, and this process hands its end on. */
static void isolate(void)
{
	if (unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) < 0)
		broken("unshare");
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		broken("make mounts private");
	const pid_t child = fork();
	if (child < 0)
		broken("fork");
	if (child == 0) {
		end_with_parent();
		/* /proc of the new PID namespace. */
		if (mount("proc", "/proc", "proc", 0, NULL) < 0)
			broken("mount /proc");
		return;
	}
	int status;
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			broken("wait");
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/*
 * Somebody of the same UID may trace what runs as that (ptrace(2)): in a directory with nothing in
 * it, a process is no way out of a jail.
 */
static void enter(const char *directory)
{
	if (chroot(directory) < 0 || chdir("/") < 0)
		broken(directory);
}

static void become(long long uid)
{
	const uid_t id = (uid_t)uid;

	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
		broken("become the user");
	/* As after an exec: /proc/self is the user's own (prctl(2)). */
	prctl(PR_SET_DUMPABLE, 1);
}

/* Not (uid_t)-1, which means that nothing changes: the action would be root's. */
static long long user(const char *text)
{
	const long long uid = number(text);

	if (uid < 0 || uid >= (uid_t)-1)
		usage("--as: no such UID");
	return uid;
}

int main(int argc, char **argv)
{
	long long uid = -1, parent = -1;
	const char *directory = NULL;
	bool is_isolated = false;
	int at = 1;

	for (; at < argc && strncmp(argv[at], "--", 2) == 0; at++) {
		if (strcmp(argv[at], "--list") == 0)
			return list();
		if (strcmp(argv[at], "--isolated") == 0)
			is_isolated = true;
		else if (strcmp(argv[at], "--as") == 0 && at + 1 < argc)
			uid = user(argv[++at]);
		else if (strcmp(argv[at], "--root") == 0 && at + 1 < argc)
			directory = argv[++at];
		else if (strcmp(argv[at], "--with-parent") == 0 && at + 1 < argc)
			parent = number(argv[++at]);
		else
			usage(argv[at]);
	}
	if (at == argc)
		usage("which action?");
	const struct action *action = find(argv[at]);
	const int given = argc - at - 1;
	if (given < action->least || (action->most >= 0 && given > action->most)) {
		fprintf(stderr, "usage: jailctl-probe %s %s\n", action->name, action->arguments);
		return 64;
	}
	if (parent >= 0) {
		end_with_parent();
		/* It may have ended before that. */
		if (getppid() != parent)
			return 70;
	}
	if (is_isolated)
		isolate();
	if (directory != NULL)
		enter(directory);
	if (uid >= 0)
		become(uid);
	if (uid >= 0 && (parent >= 0 || is_isolated))
		end_with_parent();
	return action->run(argc - at, argv + at);
}
