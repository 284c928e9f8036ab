/*
 * floor: the least that makes jails and takes them away, to compare with. It decides and checks
 * nothing, and nothing that it does could be left out:
 *   floor create JAILS USERS REFERENCE   copies the tree, the first time by `cp -a`, then by hard
 *                                        links; rewrites four account files; makes the homes; has
 *                                        iptables-restore and ip6tables-restore fence the users
 *   floor grow JAILS USERS               the account files and one more home, in the first jail
 *   floor upgrade JAILS FILE             a new file of the host replaces that in each jail
 *   floor destroy JAILS                  all that away
 * JAILS is how many, USERS how many each has; before `grow`. A jail is /floorN, its users floorNxM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { first_uid = 200000, path_max = 4096 };

static void check(bool good, const char *what)
{
	if (good)
		return;
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* Runs a program to its end, with this text as its input. */
static void run(const char *input, char *const *argv)
{
	int ends[2];
	check(pipe2(ends, O_CLOEXEC) == 0, "pipe");
	pid_t child = fork();
	check(child >= 0, "fork");
	if (child == 0) {
		dup2(ends[0], 0);
		execvp(argv[0], argv);
		_exit(127);
	}
	check(write(ends[1], input, strlen(input)) == (ssize_t)strlen(input), "write");
	close(ends[0]);
	close(ends[1]);
	int status;
	check(waitpid(child, &status, 0) == child && status == 0, argv[0]);
}

#define RUN(input, ...) run(input, (char *const[]){__VA_ARGS__, NULL})

/* Uses one of four buffers in turn. */
static char *text(const char *format, ...)
{
	static char buffers[4][path_max];
	static unsigned turn;
	char *buffer = buffers[turn++ % 4];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(buffer, path_max, format, arguments);
	va_end(arguments);
	return buffer;
}

/* How many users a jail has; `grown` is one more for the first. */
struct wanted {
	int jails;
	int users;
	int grown;
};

static int users_of(struct wanted wanted, int jail)
{
	return wanted.users + (jail == 1 ? wanted.grown : 0);
}

static void print_entry(FILE *to, const char *name, int jail, int user, int id)
{
	fprintf(to, "floor%dx%d:", jail, user);
	if (strcmp(name, "passwd") == 0)
		fprintf(to, "x:%d:%d:floor:/floor%d/home/floor%dx%d:/usr/sbin/nologin\n", id, id, jail,
			jail, user);
	else if (strcmp(name, "group") == 0)
		fprintf(to, "x:%d:\n", id);
	else
		fprintf(to, strcmp(name, "shadow") == 0 ? "!:20000:0:99999:7:::\n" : "!::\n");
}

/* Writes the file anew: without the users of before, with those that are wanted. */
static void rewrite(const char *name, struct wanted wanted)
{
	const char *path = text("/etc/%s", name);
	const char *temporary = text("/etc/.floor-%s", name);
	FILE *from = fopen(path, "re");
	FILE *to = fopen(temporary, "we");
	struct stat before;
	check(from != NULL && to != NULL && fstat(fileno(from), &before) == 0, path);
	char *line = NULL;
	size_t size = 0;
	while (getline(&line, &size, from) > 0)
		if (strncmp(line, "floor", 5) != 0)
			fputs(line, to);
	for (int jail = 1, id = first_uid; jail <= wanted.jails; jail++)
		for (int user = 1; user <= users_of(wanted, jail); user++)
			print_entry(to, name, jail, user, id++);
	fchown(fileno(to), before.st_uid, before.st_gid);
	check(fchmod(fileno(to), before.st_mode & 07777) == 0, temporary);
	check(fflush(to) == 0 && fsync(fileno(to)) == 0 && fclose(to) == 0, temporary);
	check(rename(temporary, path) == 0, path);
	free(line);
	fclose(from);
}

static void rewrite_accounts(struct wanted wanted)
{
	for (char **name = (char *[]){"gshadow", "shadow", "group", "passwd", NULL}; *name; name++)
		rewrite(*name, wanted);
}

static void make_home(int jail, int user, int id)
{
	const char *home = text("/floor%d/home/floor%dx%d", jail, jail, user);
	check(mkdir(home, 0700) == 0 && chown(home, id, id) == 0, home);
}

static void make_homes(struct wanted wanted)
{
	for (int jail = 1, id = first_uid; jail <= wanted.jails; jail++)
		for (int user = 1; user <= users_of(wanted, jail); user++)
			make_home(jail, user, id++);
}

static void copy_trees(int jails, char *reference)
{
	RUN("", "cp", "-a", "--", reference, "/floor1");
	for (int jail = 2; jail <= jails; jail++)
		RUN("", "cp", "-al", "--", "/floor1", text("/floor%d", jail));
}

static const char *const fence = "*filter\n:FLOOR - [0:0]\n-A FLOOR -j REJECT\n"
				 "-A OUTPUT -m owner --uid-owner 200000-299999 -j FLOOR\nCOMMIT\n";
static const char *const no_fence =
	"*filter\n:FLOOR - [0:0]\n"
	"-D OUTPUT -m owner --uid-owner 200000-299999 -j FLOOR\n-X FLOOR\nCOMMIT\n";

static void restore(const char *rules)
{
	RUN(rules, "iptables-restore", "--noflush");
	RUN(rules, "ip6tables-restore", "--noflush");
}

/* One copy; the other jails get links to it. */
static void upgrade(int jails, char *file)
{
	for (int jail = 1; jail <= jails; jail++) {
		char *temporary = text("/floor%d/.new", jail);
		if (jail == 1)
			RUN("", "cp", "-a", "--", file, temporary);
		else
			check(link(text("/floor1%s", file), temporary) == 0, temporary);
		check(rename(temporary, text("/floor%d%s", jail, file)) == 0, temporary);
	}
}

static void remove_trees(int jails)
{
	char **argv = calloc((size_t)jails + 3, sizeof *argv);
	check(argv != NULL, "calloc");
	argv[0] = "rm";
	argv[1] = "-r";
	for (int jail = 1; jail <= jails; jail++)
		argv[jail + 1] = strdup(text("/floor%d", jail));
	run("", argv);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 2 ? argv[1] : "";
	struct wanted wanted = {.jails = argc > 2 ? atoi(argv[2]) : 0};
	if (strcmp(verb, "create") == 0 && argc == 5) {
		wanted.users = atoi(argv[3]);
		restore(fence);
		copy_trees(wanted.jails, argv[4]);
		rewrite_accounts(wanted);
		make_homes(wanted);
	} else if (strcmp(verb, "grow") == 0 && argc == 4) {
		wanted.users = atoi(argv[3]);
		wanted.grown = 1;
		rewrite_accounts(wanted);
		make_home(1, wanted.users + 1, first_uid + wanted.users);
	} else if (strcmp(verb, "upgrade") == 0 && argc == 4) {
		upgrade(wanted.jails, argv[3]);
	} else if (strcmp(verb, "destroy") == 0 && argc == 3) {
		remove_trees(wanted.jails);
		rewrite_accounts((struct wanted){0});
		restore(no_fence);
	} else {
		fprintf(stderr, "usage: floor create|grow|upgrade|destroy JAILS ...\n");
		return 2;
	}
	return EXIT_SUCCESS;
}
