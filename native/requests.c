/*
 * Copies files into and out of a run, at jailctl's request.
 *
 * jailctl is root, and the tenant can write where the files are: a symbolic link, a FIFO or a
 * directory may stand anywhere. So jailctl itself opens nothing there. This process does, with the
 * tenant's own rights, in the tenant's own namespaces: the worst that it can be led to is something
 * that the tenant could have reached without it. Nevertheless it follows no link, so that what was
 * asked for is what is copied.
 *
 * Requests on the lifeline; after each, its answer on the status pipe is awaited:
 *   put MODE SIZE LENGTH, a path of LENGTH bytes, SIZE bytes
 *                      makes a file with that mode (octal), its missing directories (0700) too, in
 *                      the place of what was there, unless that is a directory
 *                      → done, or failed ERRNO and the end
 *   get SIZE LENGTH, a path of LENGTH bytes
 *                      sends a regular file of at most SIZE bytes
 *                      → file SIZE and its bytes, or failed ERRNO
 *   go                 no more requests for now
 *   end                ends the program; afterwards, nothing
 * A path that is not absolute starts from the working directory.
 */
#define _GNU_SOURCE
#include "requests.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[64 * 1024];

void say(const char *word, long long number)
{
	char line[64];
	int length = number < 0 ? snprintf(line, sizeof line, "%s\n", word)
				: snprintf(line, sizeof line, "%s %lld\n", word, number);
	ssize_t written = write(status_fd, line, (size_t)length);
	(void)written; /* Nobody listens: started by hand, or jailctl is gone. */
}

/* Returns what read(2) does, but for interruptions. */
static ssize_t read_some(int descriptor, void *to, size_t size)
{
	ssize_t count;
	do
		count = read(descriptor, to, size);
	while (count < 0 && errno == EINTR);
	return count;
}

static bool write_all(int descriptor, const char *from, size_t size)
{
	while (size > 0) {
		ssize_t count = write(descriptor, from, size);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return false;
		from += count;
		size -= (size_t)count;
	}
	return true;
}

static bool receive_all(char *to, size_t size)
{
	while (size > 0) {
		ssize_t count = read_some(lifeline_fd, to, size);
		if (count <= 0)
			return false;
		to += count;
		size -= (size_t)count;
	}
	return true;
}

/* A byte at a time: what follows the line must stay in the pipe. */
static bool receive_line(char *line, size_t size)
{
	for (size_t length = 0; length < size; length++) {
		if (!receive_all(line + length, 1))
			return false;
		if (line[length] == '\n') {
			line[length] = '\0';
			return true;
		}
	}
	return false;
}

/* Receives a path, whose length comes at `numbers`, and ends everything when there is none. */
static void receive_path(const char *numbers, char path[PATH_MAX])
{
	size_t length = strtoul(numbers, NULL, 10);
	if (length >= PATH_MAX) {
		say("failed", ENAMETOOLONG);
		_exit(exit_usage);
	}
	if (!receive_all(path, length))
		_exit(exit_usage);
	path[length] = '\0';
}

/*
 * Opens a directory of a directory, makes it if it is missing and may be made, and follows no
 * link. Returns -1 with errno.
 */
static int open_directory(int parent, const char *name, bool make)
{
	struct stat found;
	int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;

	if (strcmp(name, "..") == 0) {
		errno = EINVAL;
		return -1;
	}
	int opened = openat(parent, name, flags);
	if (opened < 0 && errno == ENOENT && make && mkdirat(parent, name, 0700) == 0)
		opened = openat(parent, name, flags);
	if (opened < 0)
		return -1;
	if (fstat(opened, &found) == 0 && S_ISDIR(found.st_mode))
		return opened;
	close(opened);
	errno = S_ISLNK(found.st_mode) ? ELOOP : ENOTDIR;
	return -1;
}

/*
 * Opens the directory in which a path ends; `name` becomes the rest of it. Returns -1 with errno.
 */
static int open_parent(char *path, bool make, const char **name)
{
	int parent = open(*path == '/' ? "/" : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *slash;

	while (parent >= 0 && (slash = strchr(path, '/')) != NULL) {
		*slash = '\0';
		if (*path != '\0') {
			int child = open_directory(parent, path, make);
			int reason = errno;
			close(parent);
			errno = reason;
			parent = child;
		}
		path = slash + 1;
	}
	*name = path;
	return parent;
}

/* Receives the content of a file. Returns 0, or the errno that kept it from being written. */
static int receive_file(int file, unsigned long long size)
{
	while (size > 0) {
		ssize_t count = read_some(lifeline_fd, buffer, size < sizeof buffer ? size : sizeof buffer);
		if (count <= 0)
			return EPIPE;
		if (!write_all(file, buffer, (size_t)count))
			return errno;
		size -= (unsigned long long)count;
	}
	return 0;
}

/* Returns 0, or the errno that kept the file from being made: then nothing is left of it. */
static int make_file(char *path, mode_t mode, unsigned long long size)
{
	const char *name;
	int parent = open_parent(path, true, &name);

	if (parent < 0)
		return errno;
	/* Another name of the same file (a hard link) keeps its content. */
	if (unlinkat(parent, name, 0) < 0 && errno != ENOENT)
		return errno;
	int file = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	if (file < 0)
		return errno;
	int reason = receive_file(file, size);
	/* Some file systems only tell now that they are full (close(2)). */
	if (close(file) < 0 && reason == 0)
		reason = errno;
	if (reason != 0)
		unlinkat(parent, name, 0);
	close(parent);
	return reason;
}

static void put(char *numbers)
{
	char path[PATH_MAX];
	mode_t mode = (mode_t)strtoul(numbers, &numbers, 8);
	unsigned long long size = strtoull(numbers, &numbers, 10);

	receive_path(numbers, path);
	int reason = make_file(path, mode, size);
	if (reason == 0) {
		say("done", -1);
		return;
	}
	say("failed", reason);
	/* What is left of the content must not be taken for a request. */
	_exit(exit_usage);
}

/*
 * Opens a regular file for reading, and tells its size. Opening a FIFO must not wait for a writer,
 * and a terminal must not become ours. Returns -1 with errno: EINVAL for what has no content.
 */
static int open_file(char *path, unsigned long long size_max, off_t *size)
{
	const char *name;
	struct stat found;
	int parent = open_parent(path, false, &name);

	if (parent < 0)
		return -1;
	int file = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	int reason = errno;
	close(parent);
	errno = reason;
	if (file < 0)
		return -1;
	if (fstat(file, &found) < 0)
		reason = errno;
	else if (!S_ISREG(found.st_mode))
		reason = S_ISDIR(found.st_mode) ? EISDIR : EINVAL;
	else if ((unsigned long long)found.st_size > size_max)
		reason = EFBIG;
	else {
		*size = found.st_size;
		return file;
	}
	close(file);
	errno = reason;
	return -1;
}

static void get(char *numbers)
{
	char path[PATH_MAX];
	off_t left;
	unsigned long long size_max = strtoull(numbers, &numbers, 10);

	receive_path(numbers, path);
	int file = open_file(path, size_max, &left);
	if (file < 0) {
		say("failed", errno);
		return;
	}
	say("file", left);
	while (left > 0) {
		size_t wanted = left < (off_t)sizeof buffer ? (size_t)left : sizeof buffer;
		ssize_t count = read_some(file, buffer, wanted);
		/* The size was told already: only the end of the pipe can say that this went wrong. */
		if (count <= 0 || !write_all(status_fd, buffer, (size_t)count))
			_exit(exit_usage);
		left -= count;
	}
	close(file);
}

bool is_told_to_end(void)
{
	char line[8];
	return receive_line(line, sizeof line) && strcmp(line, "end") == 0;
}

bool serve_requests(void)
{
	char line[80];

	while (receive_line(line, sizeof line)) {
		if (strcmp(line, "go") == 0)
			return true;
		if (strncmp(line, "put ", 4) == 0)
			put(line + 4);
		else if (strncmp(line, "get ", 4) == 0)
			get(line + 4);
		/* The program may have ended by itself meanwhile. */
		else if (strcmp(line, "end") != 0)
			return false;
	}
	return false;
}
