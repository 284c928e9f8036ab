/* Processes: who else is there, and what can be done to them by their numbers. */
#define _GNU_SOURCE
#include "probe.h"
#include "processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* Reads a whole file, as far as it fits, and ends it with a zero byte. */
static size_t read_all(int descriptor, char *text, size_t size)
{
	size_t length = 0;

	while (length < size - 1) {
		const ssize_t count = read(descriptor, text + length, size - 1 - length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			break;
		length += (size_t)count;
	}
	text[length] = '\0';
	return length;
}

/*
 * Looks in /proc for a process that has a text in its command line. The text comes by the standard
 * input: as an argument it would be found in this process, and in process 1 of a run.
 */
static int find_process(int argc, char **argv)
{
	char text[256], path[300], line[8192];
	long count = 0;
	long long found = 0;
	(void)argc, (void)argv;
	const size_t length = read_all(STDIN_FILENO, text, sizeof text);

	if (length == 0)
		broken("no text to look for");
	DIR *processes = opendir("/proc");
	if (processes == NULL)
		return refused("open /proc");
	for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		count++;
		snprintf(path, sizeof path, "/proc/%.250s/cmdline", entry->d_name);
		const int file = open(path, O_RDONLY | O_CLOEXEC);
		if (file < 0)
			continue; /* It has ended, or is hidden. */
		const size_t size = read_all(file, line, sizeof line);
		close(file);
		if (memmem(line, size, text, length) != NULL)
			found = number(entry->d_name);
	}
	closedir(processes);
	fact("processes", "%ld", count);
	if (found == 0)
		return outcome("absent");
	fact("pid", "%lld", found);
	return done();
}

/* 0 sends nothing, and tells whether there is such a process (kill(2)). */
static int send_signal(int argc, char **argv)
{
	(void)argc;
	if (kill((pid_t)number(argv[1]), (int)number(argv[2])) < 0)
		return refused("kill");
	return done();
}

static int renice(int argc, char **argv)
{
	(void)argc;
	if (setpriority(PRIO_PROCESS, (id_t)number(argv[1]), (int)number(argv[2])) < 0)
		return refused("setpriority");
	return done();
}

const struct action process_actions[] = {
	{"find-process", "", 0, 0, find_process},
	{"signal", "PID NUMBER", 2, 2, send_signal},
	{"renice", "PID NICENESS", 2, 2, renice},
	{"victim", "[MARK]", 0, 1, victim},
	{"meddle", "PID|child ADDRESS DESCRIPTOR WAY...", 4, -1, meddle},
	{"daemon", "MARK", 1, 1, start_daemon},
	{"linger", "ignore|stop|vfork MARK", 2, 2, linger},
	{"outlive", "ignore|stop|vfork", 1, 1, outlive},
	{"orphans", "COUNT [keep]", 1, 2, leave_orphans},
	{"limits", "", 0, 0, tell_limits},
	{"set-limits", "NAME=VALUE...", 1, -1, set_limits},
	{"set-oom-score", "SCORE", 1, 1, set_oom_score},
	{"raise-priority", "", 0, 0, raise_priority},
	{"real-time", "", 0, 0, become_real_time},
	{"io-priority", "", 0, 0, raise_io_priority},
	{"processors", "NUMBER...", 1, -1, use_processors},
	{"open-cgroups", "", 0, 0, open_cgroups},
	{NULL, NULL, 0, 0, NULL},
};
