/*
 * jailctl-init: process 1 of a run. It starts the program, reaps what the program leaves, and
 * tells jailctl how the program ended.
 *
 * The program must not be process 1 itself: the kernel does not deliver signals with their default
 * action to process 1 of a PID namespace (pid_namespaces(7)), so its abort() would be reported
 * wrongly, and its orphans would stay zombies that count against the limit of processes.
 *
 *   jailctl-init [--open-files NUMBER] [--wall-time SECONDS] [--terminal] -- PROGRAM [ARGUMENT...]
 *
 * --open-files sets RLIMIT_NOFILE for the program: an OCI runtime could not work under a low one.
 * --wall-time ends everything after so long, for a bundle that is started by hand.
 * --terminal leaves the program in the session of process 1, whose controlling terminal it gets.
 *
 * Descriptor 3, a pipe: what happens, a line each.
 *   ready               nothing of the program's has run yet: whatever was used up until now
 *                       (processors, memory, processes) was the OCI runtime's
 *   started             the program runs
 *   exec-failed ERRNO   it does not, and never will: the last line
 *   exited CODE | signalled NUMBER
 *                       as wait(2) says of the program itself; no other process is left
 * Descriptor 4, a pipe: the lifeline. At any time its end ends everything: jailctl closed it, or was
 * killed. After `ready` come requests to copy files in (requests.c), and `go`, which is awaited so
 * that jailctl can take its measures first. While the program runs, `end` ends it. After the last
 * line come requests to copy files out, and the end of the lifeline is awaited, so that jailctl can
 * read the counters of a run that is over before the runtime removes them.
 *
 * Without these descriptors (the bundle was started by hand) it waits for nobody, and its own exit
 * code tells: the program's, 128 and the signal's number, 127 not found, 126 not executable.
 */
#define _GNU_SOURCE
#include "requests.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { exit_not_executable = 126, exit_not_found = 127 };

struct options {
	rlim_t open_files; /* 0: as it is */
	unsigned wall_time_seconds; /* 0: for ever */
	bool terminal;
};

/* Returns the arguments of the program, or NULL when they are not to be found. */
static char **read_options(char **argv, struct options *options)
{
	for (char **at = argv + 1; *at != NULL; at++) {
		if (strcmp(*at, "--") == 0)
			return at[1] == NULL ? NULL : at + 1;
		if (strcmp(*at, "--terminal") == 0)
			options->terminal = true;
		else if (strcmp(*at, "--open-files") == 0 && at[1] != NULL)
			options->open_files = strtoul(*++at, NULL, 10);
		else if (strcmp(*at, "--wall-time") == 0 && at[1] != NULL)
			options->wall_time_seconds = (unsigned)strtoul(*++at, NULL, 10);
		else
			return NULL;
	}
	return NULL;
}

/* All at once, so that no fork can slip through (kill(2)); never this process itself. */
static void end_everything(void)
{
	kill(-1, SIGKILL);
}

static volatile sig_atomic_t time_is_up;

/* Interrupts ppoll(2). */
static void wake_up(int signal_number)
{
	if (signal_number == SIGALRM)
		time_is_up = true;
}

/* Becomes the program; writes errno to `failure` when it can't. */
static _Noreturn void become(char **argv, const struct options *options, int failure)
{
	rlim_t open_files = options->open_files;
	struct rlimit limit = {.rlim_cur = open_files, .rlim_max = open_files};
	struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t none;

	/*
	 * A session of its own: signals that it sends to its process group stay its own affair. With
	 * a terminal it is the runtime that has made one, with process 1 in it.
	 */
	if (!options->terminal)
		setsid();
	for (int number = 1; number < NSIG; number++)
		sigaction(number, &by_default, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
#ifdef SYS_close_range
	/* A descriptor that a runtime forgot leads out of the jail (CVE-2024-21626). */
	syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
#endif
	if (open_files == 0 || setrlimit(RLIMIT_NOFILE, &limit) == 0)
		execvp(argv[0], argv);
	int reason = errno;
	ssize_t written = write(failure, &reason, sizeof reason);
	(void)written;
	_exit(0);
}

/* Starts the program. Returns 0, or the errno that kept it from running. */
static int start(char **argv, const struct options *options, pid_t *program)
{
	int ends[2];
	int reason = 0;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return errno;
	*program = fork();
	if (*program < 0)
		return errno;
	if (*program == 0)
		become(argv, options, ends[1]);
	close(ends[1]);
	/* Nothing comes when the program runs: execve(2) has closed the other end. */
	while (read(ends[0], &reason, sizeof reason) < 0 && errno == EINTR)
		continue;
	close(ends[0]);
	return reason;
}

/* Reaps until the program has ended; returns false when the lifeline ends first. */
static bool supervise(pid_t program, bool has_lifeline, unsigned wall_time_seconds, int *status)
{
	struct sigaction on_signal = {.sa_handler = wake_up};
	struct pollfd lifeline = {.fd = has_lifeline ? lifeline_fd : -1, .events = POLLIN};
	sigset_t blocked, unblocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGALRM);
	/* What comes between waitpid and ppoll interrupts the latter. */
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	sigdelset(&unblocked, SIGCHLD);
	sigdelset(&unblocked, SIGALRM);
	sigaction(SIGCHLD, &on_signal, NULL);
	sigaction(SIGALRM, &on_signal, NULL);
	alarm(wall_time_seconds);
	for (;;) {
		int how;
		pid_t ended;
		while ((ended = waitpid(-1, &how, WNOHANG)) > 0) {
			if (ended != program)
				continue;
			*status = how;
			return true;
		}
		if (time_is_up)
			end_everything();
		if (ppoll(&lifeline, 1, NULL, &unblocked) <= 0)
			continue;
		if (lifeline.revents & (POLLHUP | POLLERR | POLLNVAL) || !is_told_to_end())
			return false;
		end_everything();
	}
}

static void reap_all(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

int main(int argc, char **argv)
{
	int status;
	struct options options = {0};
	char **command = argc == 0 ? NULL : read_options(argv, &options);

	if (command == NULL)
		return exit_usage;
	/*
	 * It runs as the tenant. Undumpable, /proc/1 belongs to root: else the program could open
	 * /proc/1/fd/3 and write there that it has ended well, or change this process through
	 * /proc/1/mem (ptrace(2), PTRACE_MODE_ATTACH).
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return exit_usage;
	fcntl(status_fd, F_SETFD, FD_CLOEXEC);
	bool has_lifeline = fcntl(lifeline_fd, F_SETFD, FD_CLOEXEC) == 0;
	/* A file that grows too large, or a jailctl that is gone, is an error like others. */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	if (has_lifeline) {
		say("ready", -1);
		if (!serve_requests())
			return exit_usage;
	}
	pid_t program = 0;
	int reason = start(command, &options, &program);
	if (reason != 0) {
		say("exec-failed", reason);
		return reason == ENOENT ? exit_not_found : exit_not_executable;
	}
	say("started", -1);
	/* The program's readers shall see the end of its output when the program closes it. */
	for (int descriptor = 0; descriptor < status_fd; descriptor++)
		close(descriptor);
	bool ended = supervise(program, has_lifeline, options.wall_time_seconds, &status);
	end_everything();
	if (!ended)
		return exit_usage;
	reap_all();
	if (WIFSIGNALED(status))
		say("signalled", WTERMSIG(status));
	else
		say("exited", WEXITSTATUS(status));
	if (has_lifeline)
		serve_requests();
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
