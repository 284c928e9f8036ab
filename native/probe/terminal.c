/* Terminals: pushing input into one, having one, and whose session this is. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

/* By the call itself: the function of a C library takes an int, and would cut the request off. */
static long request_of(int descriptor, long request, const void *argument)
{
	return syscall(SYS_ioctl, descriptor, request, argument);
}

/*
 * A request to a pipe, which knows none of a terminal's: ENOTTY tells that the kernel has come to
 * ask the pipe, and so would ask a terminal; EPERM or ENOSYS, that a filter was before it.
 */
static int terminal_request(int argc, char **argv)
{
	const char argument[8] = "";
	int ends[2];
	(void)argc;

	if (pipe(ends) < 0)
		broken("pipe");
	if (request_of(ends[0], (long)number(argv[1]), argument) < 0)
		return refused("ioctl");
	return done();
}

/* A new terminal, of which this process has both sides; -1 and errno where there are none. */
static int open_own_terminal(int *controller)
{
	char path[64];

	*controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*controller < 0 || unlockpt(*controller) < 0)
		return -1;
	errno = ptsname_r(*controller, path, sizeof path);
	if (errno != 0)
		return -1;
	return open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

/* Keystrokes can be pushed into the controlling terminal only (ioctl_tty(2)). */
static bool control(int terminal)
{
	setsid();
	return ioctl(terminal, TIOCSCTTY, 0) == 0;
}

/* Pushes a zero byte, which means nothing to whoever reads it, into a terminal. */
static bool push(const char *name, int terminal, long request)
{
	const bool works = request_of(terminal, request, "") == 0;
	const int reason = errno;

	fact(name, "%s", works ? "done" : errno_name(reason));
	errno = reason;
	return works;
}

/* Pushes input into a terminal of its own, for which it leaves its session. */
static int push_into_own(int terminal, long request)
{
	struct termios settings;
	int waiting = 0;

	if (!go_on_as_child())
		return 0;
	if (!control(terminal))
		return refused("TIOCSCTTY");
	/* Without lines, what is pushed can be read as soon as it is there. */
	if (tcgetattr(terminal, &settings) == 0) {
		settings.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		tcsetattr(terminal, TCSANOW, &settings);
	}
	if (!push("own", terminal, request))
		return refused("ioctl");
	ioctl(terminal, FIONREAD, &waiting);
	fact("waiting", "%d", waiting);
	return waiting > 0 ? done() : outcome("nothing-there");
}

/* Pushes input into the terminals that it was given or finds; with `own`, only into one of its own. */
static int push_input(int argc, char **argv)
{
	static const char *const given[] = {"stdin", "stdout", "stderr"};
	static const char *const paths[] = {"/dev/tty", "/dev/console"};
	const long request = (long)number(argv[1]);
	const bool only_own = argc > 2;
	bool worked = false;
	int controller;

	for (int descriptor = 0; !only_own && descriptor <= STDERR_FILENO; descriptor++)
		worked |= push(given[descriptor], descriptor, request);
	const int reason = errno;
	for (size_t at = 0; !only_own && at < sizeof paths / sizeof *paths; at++) {
		const int terminal = open(paths[at], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (terminal >= 0)
			worked |= push(strrchr(paths[at], '/') + 1, terminal, request);
		else
			fact(strrchr(paths[at], '/') + 1, "%s", errno_name(errno));
	}
	if (worked)
		return done();
	const int own = open_own_terminal(&controller);
	if (own >= 0)
		return push_into_own(own, request);
	if (!only_own)
		errno = reason;
	return refused(only_own ? "open a terminal" : "ioctl");
}

/* Opens what is a terminal; as a control, in a session that has one. */
static int open_terminal(int argc, char **argv)
{
	static const char *const paths[] = {"/dev/tty", "/dev/console", "/dev/tty0", "/dev/tty1",
					    "/dev/ptmx"};
	bool worked = false;
	int reason = 0, controller;

	if (argc > 1 && strcmp(argv[1], "own") == 0) {
		const int own = open_own_terminal(&controller);
		if (own < 0)
			return refused("open a terminal");
		/* Only a process that leads no group can begin a session. */
		if (!go_on_as_child())
			return 0;
		if (!control(own))
			return refused("TIOCSCTTY");
	}
	for (int descriptor = 0; descriptor <= STDERR_FILENO; descriptor++) {
		if (!isatty(descriptor))
			continue;
		fact("given", "%d", descriptor);
		worked = true;
	}
	for (size_t at = 0; at < sizeof paths / sizeof *paths; at++) {
		const int terminal = open(paths[at], O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
		if (at == 0)
			reason = errno;
		fact(strrchr(paths[at], '/') + 1, "%s", terminal < 0 ? errno_name(errno) : "done");
		if (terminal < 0)
			continue;
		worked = true;
		close(terminal);
	}
	if (worked)
		return done();
	errno = reason;
	return refused("open /dev/tty");
}

/*
 * Whose session is this? A child is in that of its parent, whose terminal it has, and whose process
 * groups it can signal.
 */
static int session(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "child") == 0 && !go_on_as_child())
		return 0;
	fact("session", "%d", getsid(0));
	fact("group", "%d", getpgrp());
	return getsid(0) == getpid() ? outcome("own") : done();
}

const struct action terminal_actions[] = {
	{"terminal-request", "NUMBER", 1, 1, terminal_request},
	{"push-input", "REQUEST [own]", 1, 2, push_input},
	{"open-terminal", "[own]", 0, 1, open_terminal},
	{"session", "[child]", 0, 1, session},
	{NULL, NULL, 0, 0, NULL},
};
