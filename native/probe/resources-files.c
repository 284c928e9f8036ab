/* Resources: files and directories that are large, many or deep, and those that a crash leaves. */
#define _GNU_SOURCE
#include "probe.h"
#include "resources.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Returns false with errno when no more can be written. */
static bool write_all(int descriptor, long long bytes)
{
	static char block[64 * 1024];

	while (bytes > 0) {
		const size_t length = bytes < (long long)sizeof block ? (size_t)bytes : sizeof block;
		const ssize_t count = write(descriptor, block, length);
		if (count < 0)
			return false;
		bytes -= count;
	}
	return true;
}

static bool grow(int descriptor, const char *how, long long bytes)
{
	if (strcmp(how, "write") == 0)
		return write_all(descriptor, bytes);
	if (strcmp(how, "sparse") == 0)
		return pwrite(descriptor, "x", 1, bytes - 1) == 1;
	if (strcmp(how, "truncate") == 0)
		return ftruncate(descriptor, bytes) == 0;
	if (strcmp(how, "fallocate") == 0)
		return fallocate(descriptor, 0, 0, bytes) == 0;
	fprintf(stderr, "jailctl-probe: no way to make a file grow: %s\n", how);
	exit(64);
}

/* The file has no name any more when it grows: it goes with the process, however that ends. */
int fill_file(int argc, char **argv)
{
	struct stat found;

	if (argc < 5)
		signal(SIGXFSZ, SIG_IGN); /* Else it would end the process. */
	const int descriptor = open(argv[3], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return refused("open");
	unlink(argv[3]);
	const bool all = grow(descriptor, argv[1], number(argv[2]));
	const int reason = errno;
	if (fstat(descriptor, &found) < 0)
		broken("fstat");
	fact("size", "%lld", (long long)found.st_size);
	errno = reason;
	return all ? done() : refused(argv[1]);
}

/* Leaves the file, and waits: whoever looks at its directory can see it. */
int hold_bytes(int argc, char **argv)
{
	const struct timespec time = {.tv_sec = number(argv[3])};
	const int descriptor = open(argv[2], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	(void)argc;

	if (descriptor < 0)
		return refused("open");
	if (!write_all(descriptor, number(argv[1])))
		return refused("write");
	nanosleep(&time, NULL);
	return done();
}

static void enter_new(const char *directory)
{
	if (mkdir(directory, 0700) < 0 || chdir(directory) < 0)
		broken(directory);
}

static void leave_and_remove(const char *directory)
{
	if (chdir("..") < 0 || rmdir(directory) < 0)
		broken(directory);
}

/* Empty ones; they are removed again. */
int make_files(int argc, char **argv)
{
	const long long max = number(argv[1]);
	const char *directory = argv[2];
	long long made = 0;
	int reason = 0;
	char name[32];
	(void)argc;

	enter_new(directory);
	for (; made < max && reason == 0; made += reason == 0) {
		snprintf(name, sizeof name, "%lld", made);
		const int descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (descriptor < 0)
			reason = errno;
		else
			close(descriptor);
	}
	for (long long number = 0; number < made; number++) {
		snprintf(name, sizeof name, "%lld", number);
		unlink(name);
	}
	if (chdir("/") < 0 || rmdir(directory) < 0)
		broken(directory);
	fact("made", "%lld", made);
	errno = reason;
	return reason == 0 ? done() : refused("open");
}

enum { name_max = 255 };

/* All have the same name, of the greatest length. */
static const char *long_name(void)
{
	static char name[name_max + 1];

	memset(name, 'd', name_max);
	return name;
}

/* From the working directory, which becomes the parent of the first one again. */
static void remove_below(void)
{
	long long depth = 0;

	while (chdir(long_name()) == 0)
		depth++;
	for (; depth > 0; depth--)
		leave_and_remove(long_name());
}

/* No path of the system calls is long enough to name the last ones: PATH_MAX is 4096. */
int make_deep(int argc, char **argv)
{
	const long long depth = number(argv[1]);
	const char *directory = argv[2];
	long long made = 0;
	int reason = 0;

	enter_new(directory);
	const int top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	while (made < depth && mkdir(long_name(), 0700) == 0 && chdir(long_name()) == 0)
		made++;
	if (made < depth)
		reason = errno;
	fact("made", "%lld", made);
	if (argc < 4) {
		if (top < 0 || fchdir(top) < 0)
			broken("go back");
		remove_below();
		if (chdir("/") < 0 || rmdir(directory) < 0)
			broken(directory);
	}
	errno = reason;
	return reason == 0 ? done() : refused("mkdir");
}

/* Returns how many files were in the working directory; they are gone then. */
static int remove_files(void)
{
	int count = 0;
	DIR *found = opendir(".");

	if (found == NULL)
		broken("opendir");
	for (struct dirent *entry; (entry = readdir(found)) != NULL;)
		if (entry->d_name[0] != '.')
			count += unlink(entry->d_name) == 0;
	closedir(found);
	return count;
}

static int remove_one(const char *path)
{
	/* Not what a link leads to. */
	if (unlink(path) == 0)
		return 0;
	if (chdir(path) < 0)
		return -1;
	remove_below();
	remove_files();
	return chdir("/") < 0 ? -1 : rmdir(path);
}

/* Removes files, and directories with what make-deep or make-files leaves in them. */
int remove_left(int argc, char **argv)
{
	int reason = 0;

	for (int at = 1; at < argc; at++)
		if (remove_one(argv[at]) < 0)
			reason = errno;
	errno = reason;
	return reason == 0 ? done() : refused("remove");
}

/* Tries to have core dumps allowed, and then crashes in a new directory; `-`: does not crash. */
int crash(int argc, char **argv)
{
	const char *directory = argv[1];
	const struct rlimit enough = {.rlim_cur = 1 << 20, .rlim_max = 1 << 20};
	struct rlimit before;
	int status, files;

	if (getrlimit(RLIMIT_CORE, &before) < 0)
		broken("getrlimit");
	fact("soft", "%lld", (long long)before.rlim_cur);
	fact("hard", "%lld", (long long)before.rlim_max);
	if (argc > 2)
		set_limit(RLIMIT_CORE, argv[2]);
	const bool raised = setrlimit(RLIMIT_CORE, &enough) == 0;
	const int reason = errno;
	if (strcmp(directory, "-") != 0) {
		enter_new(directory);
		const pid_t child = fork();
		if (child == 0)
			abort();
		if (child < 0 || waitpid(child, &status, 0) < 0)
			broken("have a child crash");
		files = remove_files();
		if (chdir("/") < 0 || rmdir(directory) < 0)
			broken(directory);
		fact("files", "%d", files);
		if (files > 0)
			return done();
	}
	errno = reason;
	return raised ? done() : refused("setrlimit");
}
