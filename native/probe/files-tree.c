/* Attempts on every file of a jail. Where one is allowed, it changes nothing that stays. */
#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

enum { entries_max = 500000, depth_max = 40, seconds_max = 8, shown_max = 10 };

struct walker {
	struct walk walk;
	char *const *skipped;
	bool one_file_system;
	dev_t device;
	time_t end;
	bool is_over; /* too many, or too long */
	void (*visit)(const struct entry *, void *);
	void *data;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool is_skipped(const struct walker *walker, const char *path)
{
	for (char *const *one = walker->skipped; one != NULL && *one != NULL; one++)
		if (strcmp(*one, path) == 0)
			return true;
	return false;
}

static bool is_over(struct walker *walker)
{
	struct walk *walk = &walker->walk;

	if (++walk->entries > entries_max || (walk->entries % 256 == 0 && seconds() > walker->end))
		walker->is_over = walk->is_cut = true;
	return walker->is_over;
}

/*
 * Takes the descriptor. `path` has room for PATH_MAX, and comes back as it was. What is too deep is
 * left out, and the rest is seen all the same: nobody hides a tree beside that.
 */
static void go_down(struct walker *walker, int descriptor, char *path, int depth)
{
	const size_t length = strcmp(path, "/") == 0 ? 0 : strlen(path);
	DIR *directory = fdopendir(descriptor);

	if (directory == NULL)
		broken("fdopendir");
	for (struct dirent *one; !walker->is_over && (one = readdir(directory)) != NULL;) {
		struct entry entry = {.parent = descriptor, .name = one->d_name, .path = path};
		if (strcmp(one->d_name, ".") == 0 || strcmp(one->d_name, "..") == 0)
			continue;
		if (length + 1 + strlen(one->d_name) >= PATH_MAX) {
			walker->walk.is_cut = true;
			continue;
		}
		path[length] = '/';
		strcpy(path + length + 1, one->d_name);
		if (is_skipped(walker, path) || is_over(walker) ||
		    fstatat(descriptor, one->d_name, &entry.stat, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		walker->visit(&entry, walker->data);
		if (!S_ISDIR(entry.stat.st_mode) ||
		    (walker->one_file_system && entry.stat.st_dev != walker->device))
			continue;
		const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
		const int child = openat(descriptor, one->d_name, flags);
		if (child < 0)
			continue;
		if (depth < depth_max) {
			go_down(walker, child, path, depth + 1);
		} else {
			walker->walk.is_cut = true;
			close(child);
		}
	}
	path[length] = '\0';
	if (length == 0)
		strcpy(path, "/");
	closedir(directory);
}

struct walk walk(const char *root, char *const *skipped, bool one_file_system,
                 void (*visit)(const struct entry *, void *), void *data)
{
	char path[PATH_MAX];
	struct walker walker = {
		.skipped = skipped,
		.one_file_system = one_file_system,
		.end = seconds() + seconds_max,
		.visit = visit,
		.data = data,
	};
	struct entry top = {.parent = AT_FDCWD, .name = root, .path = root};
	const int descriptor = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (descriptor < 0 || fstat(descriptor, &top.stat) < 0)
		broken(root);
	walker.device = top.stat.st_dev;
	snprintf(path, sizeof path, "%s", root);
	visit(&top, data);
	go_down(&walker, descriptor, path, 1);
	return walker.walk;
}

struct trial {
	int (*attempt)(const struct entry *, const char *place);
	const char *place;
	long tried, allowed;
	int last_refusal;
};

/* Nothing is written. */
static int try_open(const struct entry *entry, const char *place)
{
	const int flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	(void)place;

	if (!S_ISREG(entry->stat.st_mode))
		return -1;
	const int descriptor = openat(entry->parent, entry->name, flags);
	if (descriptor >= 0)
		return close(descriptor);
	return is_only_busy(entry->path) ? 0 : errno;
}

static int try_create(const struct entry *entry, const char *place)
{
	char path[PATH_MAX];
	(void)place;

	if (!S_ISDIR(entry->stat.st_mode))
		return -1;
	/* By its whole path: the directory itself may not be readable. */
	name_of_own(path, sizeof path, strcmp(entry->path, "/") == 0 ? "" : entry->path);
	const int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor < 0)
		return errno == ENOSPC || errno == EDQUOT ? 0 : errno;
	close(descriptor);
	return unlink(path) < 0 ? errno : 0;
}

/*
 * The right to unlink and to rename, which is the same one (namei.c: may_delete), is looked at before
 * the kernel complains that the wrong call was taken: so the file stays, come what may.
 */
static int try_remove(const struct entry *entry, const char *place)
{
	const bool is_directory = S_ISDIR(entry->stat.st_mode);
	(void)place;

	if (entry->parent == AT_FDCWD)
		return -1;
	if (unlinkat(entry->parent, entry->name, is_directory ? 0 : AT_REMOVEDIR) == 0)
		return 0;
	return errno == (is_directory ? EISDIR : ENOTDIR) ? 0 : errno;
}

/*
 * A second name of a file of root's, in a directory of one's own. Once is enough: in a sticky
 * directory the new name can't be removed again, for the file is not one's own.
 */
static int try_link(const struct entry *entry, const char *place)
{
	static bool was_allowed;
	char path[PATH_MAX];

	if (was_allowed || !S_ISREG(entry->stat.st_mode))
		return -1;
	name_of_own(path, sizeof path, place);
	if (linkat(entry->parent, entry->name, AT_FDCWD, path, 0) < 0)
		return errno == EMLINK ? 0 : errno;
	was_allowed = true;
	unlink(path);
	return 0;
}

/* To the mode that it has: the right is the same as to any other. */
static int try_mode(const struct entry *entry, const char *place)
{
	(void)place;
	if (S_ISLNK(entry->stat.st_mode))
		return -1;
	const int code = fchmodat(entry->parent, entry->name, entry->stat.st_mode & 07777, 0);
	return code == 0 ? 0 : errno;
}

static void try_entry(const struct entry *entry, void *data)
{
	struct trial *trial = data;
	const int number = trial->attempt(entry, trial->place);

	if (number < 0 || number == ENOENT || number == ENXIO)
		return;
	trial->tried++;
	if (number != 0) {
		trial->last_refusal = number;
		return;
	}
	if (++trial->allowed <= shown_max)
		fact("allowed", "%s", entry->path);
}

int try_tree(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*attempt)(const struct entry *, const char *);
	} ways[] = {{"open", try_open}, {"create", try_create}, {"remove", try_remove},
	            {"link", try_link}, {"mode", try_mode}};
	struct trial trial = {.place = argv[2], .last_refusal = ENOENT};

	for (size_t at = 0; at < sizeof ways / sizeof *ways; at++)
		if (strcmp(argv[1], ways[at].name) == 0)
			trial.attempt = ways[at].attempt;
	if (trial.attempt == NULL) {
		fprintf(stderr, "jailctl-probe: no such way: %s\n", argv[1]);
		return 64;
	}
	/* The argument vector ends with NULL. */
	const struct walk seen = walk(argv[3], argc > 4 ? argv + 4 : NULL, false, try_entry, &trial);
	fact("tried", "%ld", trial.tried);
	fact("allowed-count", "%ld", trial.allowed);
	if (seen.is_cut)
		fact("cut", "yes");
	if (trial.allowed > 0)
		return done();
	errno = trial.last_refusal;
	return refused(argv[1]);
}

/*
 * Disks, and mem, kmem, port and kmsg (mem(4)): the memory of the machine and the log of its kernel.
 * Other devices are not opened: some act upon it (a watchdog starts).
 */
static int try_device(const struct entry *entry, const char *place)
{
	static const unsigned machine[] = {1, 2, 4, 11};
	const dev_t device = entry->stat.st_rdev;
	bool is_wanted = S_ISBLK(entry->stat.st_mode);
	(void)place;

	if (S_ISCHR(entry->stat.st_mode) && major(device) == 1)
		for (size_t at = 0; at < sizeof machine / sizeof *machine; at++)
			is_wanted = is_wanted || minor(device) == machine[at];
	if (!is_wanted)
		return -1;
	const int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC;
	const int descriptor = openat(entry->parent, entry->name, flags);
	return descriptor < 0 ? errno : close(descriptor);
}

/* Not in homes, where a tenant can heap up whatever it likes: only root makes a device. */
int open_devices(int argc, char **argv)
{
	struct trial trial = {.attempt = try_device, .last_refusal = ENOENT};
	char *skipped[] = {"/proc", "/sys", "/home", "/tmp", "/var/tmp", "/dev/shm", NULL};
	(void)argc;

	const struct walk seen = walk(argv[1], skipped, false, try_entry, &trial);
	fact("tried", "%ld", trial.tried);
	if (trial.allowed > 0)
		return done();
	if (seen.is_cut)
		return outcome("cut");
	errno = trial.last_refusal;
	return refused("open");
}
