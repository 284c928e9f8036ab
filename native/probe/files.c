/* Files: what can be read, written, planted. */
#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/statvfs.h>
#include <unistd.h>

int say_text(int descriptor)
{
	char text[1024];
	const ssize_t length = read(descriptor, text, sizeof text - 1);

	if (length < 0)
		return refused("read");
	text[length] = '\0';
	fact("text", "%s", text);
	return done();
}

/* Reads the beginning of a file. */
static int read_file(int argc, char **argv)
{
	(void)argc;
	/*
	 * Not waiting: a FIFO has no writer. Not by a link: root reads so in homes, as a control, and a
	 * tenant would choose what it opens.
	 */
	const int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
	const int descriptor = open(argv[1], flags);

	if (descriptor < 0)
		return refused("open");
	return say_text(descriptor);
}

/* A link made inside, to a path outside. */
static int read_by_link(int argc, char **argv)
{
	char path[PATH_MAX];
	(void)argc;

	name_of_own(path, sizeof path, argv[1]);
	if (symlink(argv[2], path) < 0)
		broken("symlink");
	const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
	const int number = errno;
	if (unlink(path) < 0)
		broken("unlink");
	errno = number;
	return descriptor < 0 ? refused("open") : say_text(descriptor);
}

bool is_only_busy(const char *path)
{
	struct statvfs stat;

	if (errno != ETXTBSY)
		return false;
	if (statvfs(path, &stat) == 0 && (stat.f_flag & ST_RDONLY) == 0)
		return true;
	errno = EROFS;
	return false;
}

/*
 * The first file of several that can be opened. To write means to append, and nothing is written.
 * `self` is the path that this program was started by: a chroot has no /proc/self/exe.
 */
static int open_any(int argc, char **argv)
{
	const int flags = strcmp(argv[1], "write") == 0 ? O_WRONLY | O_APPEND : O_RDONLY;

	for (int at = 2; at < argc; at++) {
		const bool is_self = strcmp(argv[at], "self") == 0;
		const char *path = is_self ? (const char *)getauxval(AT_EXECFN) : argv[at];
		const int descriptor = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (descriptor >= 0 || is_only_busy(path)) {
			fact("path", "%s", path);
			return done();
		}
		fact("refused", "%s %s", errno_name(errno), path);
	}
	return refused("open");
}

/* The root and the working directory of every other process whose links can be followed. */
static int others_root(int argc, char **argv)
{
	static const char up[] = "../../../../../../../../../../../../../../../..";
	DIR *proc = opendir("/proc");
	int seen = 0, last = ENOENT;
	(void)argc;

	if (proc == NULL)
		return refused("opendir");
	for (struct dirent *one; (one = readdir(proc)) != NULL;) {
		char path[PATH_MAX];
		const long pid = strtol(one->d_name, NULL, 10);
		if (pid <= 0 || pid == getpid())
			continue;
		seen++;
		for (int way = 0; way < 2; way++) {
			if (way == 0)
				snprintf(path, sizeof path, "/proc/%ld/root%s", pid, argv[1]);
			else
				snprintf(path, sizeof path, "/proc/%ld/cwd/%s%s", pid, up, argv[1]);
			const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
			if (descriptor >= 0) {
				fact("path", "%s", path);
				return say_text(descriptor);
			}
			if (errno != ENOENT)
				last = errno;
		}
	}
	fact("processes", "%d", seen);
	errno = last;
	return refused("open");
}

/* A file with a text in it, for whoever may read it. */
static int keep_file(int argc, char **argv)
{
	(void)argc;
	const int descriptor = open(argv[1], O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

	if (descriptor < 0)
		return refused("open");
	if (fchmod(descriptor, 0666) < 0 || dprintf(descriptor, "%s", argv[2]) < 0)
		broken("write");
	return done();
}

static int remove_file(int argc, char **argv)
{
	(void)argc;
	return unlink(argv[1]) < 0 ? refused("unlink") : done();
}

/* Writes a text over the beginning of a file, by whatever link leads to it. */
static int write_file(int argc, char **argv)
{
	(void)argc;
	const int descriptor = open(argv[1], O_WRONLY | O_NONBLOCK | O_CLOEXEC);

	if (descriptor < 0)
		return refused("open");
	return dprintf(descriptor, "%s", argv[2]) < 0 ? refused("write") : done();
}

/* Is there anything in a directory? */
static int list_directory(int argc, char **argv)
{
	DIR *directory = opendir(argv[1]);
	int count = 0;
	(void)argc;

	if (directory == NULL)
		return refused("opendir");
	for (struct dirent *one; (one = readdir(directory)) != NULL;) {
		if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
			continue;
		count++;
		if (count <= 20)
			fact("entry", "%s", one->d_name);
	}
	fact("entries", "%d", count);
	return count == 0 ? outcome("empty") : done();
}

/* What a tenant would leave for root to fall into. */
static int plant(int argc, char **argv)
{
	const char *path = argv[2];
	const char *target = argc > 3 ? argv[3] : "";

	if (strcmp(argv[1], "symlink") == 0)
		return symlink(target, path) < 0 ? refused("symlink") : done();
	if (strcmp(argv[1], "link") == 0)
		return link(target, path) < 0 ? refused("link") : done();
	if (strcmp(argv[1], "fifo") == 0)
		return mkfifo(path, 0666) < 0 ? refused("mkfifo") : done();
	if (strcmp(argv[1], "directory") == 0)
		return mkdir(path, 0777) < 0 ? refused("mkdir") : done();
	fprintf(stderr, "jailctl-probe: no such thing to plant: %s\n", argv[1]);
	return 64;
}

/* A process of the user's, for others to look at. */
static int hold(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	wait_until_told_to_end();
	return done();
}

const struct action file_actions[] = {
	{"read-file", "PATH", 1, 1, read_file},
	{"read-by-link", "DIRECTORY PATH", 2, 2, read_by_link},
	{"open-any", "read|write PATH|self...", 2, -1, open_any},
	{"others-root", "PATH", 1, 1, others_root},
	{"keep-file", "PATH TEXT", 2, 2, keep_file},
	{"remove-file", "PATH", 1, 1, remove_file},
	{"write-file", "PATH TEXT", 2, 2, write_file},
	{"list-directory", "PATH", 1, 1, list_directory},
	{"plant", "symlink|link|fifo|directory PATH [TARGET]", 2, 3, plant},
	{"hold-process", "", 0, 0, hold},
	{"try-tree", "open|create|remove|link|mode PLACE ROOT [SKIPPED...]", 3, -1, try_tree},
	{"open-devices", "ROOT", 1, 1, open_devices},
	{"open-made-devices", "DIRECTORY", 1, 1, open_made_devices},
	{"audit", "ROOT", 1, 1, audit},
	{"plant-specimens", "DIRECTORY UID LINKED-FILE", 3, 3, plant_specimens},
	{"offer-directory", "SOCKET DIRECTORY UID", 3, 3, offer_directory},
	{"take-directory", "SOCKET PATH", 2, 2, take_directory},
	{"hand-over", "DIRECTORY PATH", 2, 2, hand_over},
	{"list-descriptors", "", 0, 0, list_descriptors},
	{"leak-directory", "DIRECTORY", 1, 1, leak_directory},
	{"working-directory", "[ROOT]", 0, 1, working_directory},
	{"mount-call", "NAME DIRECTORY [fresh]", 2, 3, mount_call},
	{"make-device", "DIRECTORY c|b MAJOR MINOR", 4, 4, make_device},
	{"escape-by-chroot", "DIRECTORY PATH [ROOT]", 2, 3, escape_by_chroot},
	{"open-by-handle", "DIRECTORY PATH", 2, 2, open_by_handle},
	{NULL, NULL, 0, 0, NULL},
};
