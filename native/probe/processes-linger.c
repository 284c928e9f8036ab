/* Processes: staying when one should have gone. Each ends itself after some seconds at the latest. */
#define _GNU_SOURCE
#include "probe.h"
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Longer than a run with a limit of one second takes on a busy host. */
enum { lifetime_seconds = 15 };

/* The alarm that ends it can be neither stopped nor ignored by accident: it is never handled. */
static _Noreturn void sleep_on(void)
{
	alarm(lifetime_seconds);
	for (;;)
		pause();
}

/* daemon(7) as of old: two forks and a session of its own, out of reach of every process group. */
int start_daemon(int argc, char **argv)
{
	int ends[2];
	pid_t daemon = 0;
	(void)argc, (void)argv;

	if (pipe(ends) < 0)
		broken("pipe");
	const pid_t child = fork();
	if (child < 0)
		return refused("fork");
	if (child == 0) {
		setsid();
		if (fork() != 0)
			_exit(0);
		const pid_t own = getpid();
		for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++)
			close(descriptor);
		if (write(ends[1], &own, sizeof own) != sizeof own)
			_exit(1);
		close(ends[1]);
		sleep_on();
	}
	close(ends[1]);
	waitpid(child, NULL, 0);
	if (read(ends[0], &daemon, sizeof daemon) != sizeof daemon)
		return outcome("not-started");
	fact("pid", "%d", daemon);
	return done();
}

static void ignore_signals(void)
{
	for (int number = 1; number < NSIG; number++)
		if (number != SIGALRM && number != SIGCHLD)
			signal(number, SIG_IGN);
}

/* With vfork(2) a parent waits for its child, and hears no signal but a deadly one meanwhile. */
static void vfork_and_sleep(void)
{
	if (vfork() == 0)
		sleep_on();
}

/*
 * Stays where it is asked to end: it ignores signals, has stopped itself, or has left the sleeping
 * to a child that it waits for.
 */
int linger(int argc, char **argv)
{
	(void)argc;
	fact("lingers", "%s", argv[1]);
	if (strcmp(argv[1], "ignore") == 0)
		ignore_signals();
	else if (strcmp(argv[1], "stop") == 0)
		raise(SIGSTOP);
	else
		vfork_and_sleep();
	sleep_on();
}

/* Answers each byte, and hears nothing else. */
static _Noreturn void answer(int questions, int answers)
{
	char byte;

	ignore_signals();
	alarm(lifetime_seconds);
	/* It is deaf from here on. */
	byte = 'r';
	while (write(answers, &byte, 1) == 1 && read(questions, &byte, 1) == 1)
		continue;
	_exit(0);
}

static bool outlives_by_ignoring(void)
{
	int questions[2], answers[2];
	char byte = 'q';

	if (pipe(questions) < 0 || pipe(answers) < 0)
		broken("pipe");
	const pid_t child = fork();
	if (child < 0)
		broken("fork");
	if (child == 0) {
		close(questions[1]);
		answer(questions[0], answers[1]);
	}
	close(answers[1]);
	bool lives = read(answers[0], &byte, 1) == 1;
	kill(child, SIGTERM);
	lives = lives && write(questions[1], &byte, 1) == 1 && read(answers[0], &byte, 1) == 1;
	kill(child, SIGKILL);
	return lives;
}

static bool outlives_by_stopping(void)
{
	int status;
	const pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child == 0) {
		raise(SIGSTOP);
		_exit(0);
	}
	if (waitpid(child, &status, WUNTRACED) < 0 || !WIFSTOPPED(status))
		return false;
	kill(child, SIGTERM);
	const bool lives = waitpid(child, &status, WNOHANG) == 0;
	kill(child, SIGKILL);
	return lives;
}

/* Even when its parent is killed at once, the child lives on. */
static bool outlives_by_vfork(void)
{
	pid_t grandchild = 0;
	int ends[2];

	/* What loses its parent becomes a child of this process, so that waiting for it tells. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || pipe(ends) < 0)
		broken("become a reaper");
	const pid_t child = fork();
	if (child < 0)
		broken("fork");
	if (child == 0) {
		if (vfork() == 0) {
			const pid_t own = getpid();
			if (write(ends[1], &own, sizeof own) == sizeof own)
				sleep_on();
		}
		_exit(0);
	}
	close(ends[1]);
	if (read(ends[0], &grandchild, sizeof grandchild) != sizeof grandchild)
		return false;
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	const bool lives = waitpid(grandchild, NULL, WNOHANG) == 0;
	kill(grandchild, SIGKILL);
	return lives;
}

/* The control of `linger`: what a process survives that does the same. */
int outlive(int argc, char **argv)
{
	bool lives;
	(void)argc;

	if (strcmp(argv[1], "ignore") == 0)
		lives = outlives_by_ignoring();
	else if (strcmp(argv[1], "stop") == 0)
		lives = outlives_by_stopping();
	else
		lives = outlives_by_vfork();
	return lives ? done() : outcome("ended");
}

static int own_zombies(void)
{
	char path[300], text[512], state;
	int count = 0, parent;
	DIR *processes = opendir("/proc");

	for (struct dirent *entry; processes != NULL && (entry = readdir(processes)) != NULL;) {
		snprintf(path, sizeof path, "/proc/%.250s/stat", entry->d_name);
		const int file = isdigit((unsigned char)*entry->d_name) ? open(path, O_RDONLY) : -1;
		if (file < 0)
			continue;
		const ssize_t length = read(file, text, sizeof text - 1);
		close(file);
		text[length < 0 ? 0 : length] = '\0';
		const char *end = strrchr(text, ')');
		if (end != NULL && sscanf(end, ") %c %d", &state, &parent) == 2)
			count += state == 'Z' && parent == getpid();
	}
	if (processes != NULL)
		closedir(processes);
	return count;
}

/* A child starts one that ends when its parent has gone, so that somebody else has to reap it. */
static bool leave_orphan(void)
{
	int ends[2], status;
	char byte;

	if (pipe(ends) < 0)
		broken("pipe");
	const pid_t child = fork();
	if (child < 0) {
		close(ends[0]);
		close(ends[1]);
		return false;
	}
	if (child == 0) {
		/* The end of the pipe tells the orphan that it is one. */
		const pid_t orphan = fork();
		if (orphan != 0)
			_exit(orphan < 0 ? 1 : 0);
		close(ends[1]);
		_exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(ends[0]);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	close(ends[1]);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/*
 * Leaves more orphans, one after the other, than a run may have processes: if nobody reaped them,
 * there would soon be room for none. With `keep` they come to this process, which reaps none.
 */
int leave_orphans(int argc, char **argv)
{
	const struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
	const long long wanted = number(argv[1]);
	/* The reaper may be slower than we are, but not by this much. */
	int patience = 1000;
	long long left = 0;

	if (argc > 2)
		prctl(PR_SET_CHILD_SUBREAPER, 1);
	while (left < wanted) {
		if (leave_orphan()) {
			left++;
			continue;
		}
		if (--patience == 0)
			break;
		nanosleep(&pause, NULL);
	}
	fact("orphans", "%lld", left);
	if (argc > 2)
		fact("zombies", "%d", own_zombies());
	return left == wanted ? done() : outcome("no-room");
}
