/* What only root may ask the kernel for: mounts, devices, another root, files by number. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Numbers that are the same on every machine; older headers lack them. */
enum { call_open_tree = 428, call_move_mount = 429, call_fsopen = 430, call_mount_setattr = 442 };
enum { open_tree_clone = 1, move_mount_empty_path = 4 };

/* Where it works, nothing stays mounted: it may be the host's own mount namespace. */
static int and_undo(int code, const char *directory)
{
	if (code == 0)
		umount2(directory, MNT_DETACH);
	return code;
}

static int by_mount(const char *directory)
{
	return and_undo(mount("tmpfs", directory, "tmpfs", 0, "size=4k"), directory);
}

static int by_bind(const char *directory)
{
	return and_undo(mount("/", directory, NULL, MS_BIND, NULL), directory);
}

/* What is mounted there again, but writable. */
static int by_remount(const char *directory)
{
	return mount("none", directory, NULL, MS_REMOUNT | MS_BIND, NULL);
}

/* Uncovers what /tmp, /proc or a masked file is mounted over. */
static int by_umount(const char *directory)
{
	return umount2(directory, MNT_DETACH);
}

static int by_pivot_root(const char *directory)
{
	return (int)syscall(SYS_pivot_root, directory, directory);
}

static int by_fsopen(const char *directory)
{
	(void)directory;
	return (int)syscall(call_fsopen, "tmpfs", 0);
}

static int by_open_tree(const char *directory)
{
	return (int)syscall(call_open_tree, AT_FDCWD, directory, open_tree_clone | O_CLOEXEC);
}

static int by_move_mount(const char *directory)
{
	return (int)syscall(call_move_mount, AT_FDCWD, "/", AT_FDCWD, directory, 0);
}

static int by_mount_setattr(const char *directory)
{
	struct {
		unsigned long long set, clear, propagation, user;
	} attributes = {.clear = 1 /* MOUNT_ATTR_RDONLY */};

	return (int)syscall(call_mount_setattr, AT_FDCWD, directory, 0, &attributes, sizeof attributes);
}

/*
 * Calls one system call about mounts. In the control, the mount namespace is its own. With `fresh`,
 * on a new directory, so that where it works nothing of a home is covered or uncovered: on what is
 * no mount, EINVAL tells of rights.
 */
int mount_call(int argc, char **argv)
{
	char path[PATH_MAX];
	const char *directory = argv[2];
	const bool is_fresh = argc > 3;
	static const struct {
		const char *name;
		int (*call)(const char *);
	} calls[] = {
		{"mount", by_mount},         {"bind", by_bind},
		{"remount", by_remount},     {"umount2", by_umount},
		{"pivot_root", by_pivot_root}, {"fsopen", by_fsopen},
		{"open_tree", by_open_tree}, {"move_mount", by_move_mount},
		{"mount_setattr", by_mount_setattr},
	};

	if (is_fresh) {
		name_of_own(path, sizeof path, argv[2]);
		if (mkdir(path, 0700) < 0)
			broken(argv[2]);
		directory = path;
	}
	for (size_t at = 0; at < sizeof calls / sizeof *calls; at++) {
		if (strcmp(argv[1], calls[at].name) != 0)
			continue;
		const int code = calls[at].call(directory);
		const int reason = errno;
		if (is_fresh)
			rmdir(path);
		errno = reason;
		return code < 0 ? refused(argv[1]) : done();
	}
	fprintf(stderr, "jailctl-probe: no such call: %s\n", argv[1]);
	return 64;
}

/* Makes a device node, and opens it where that works too. */
int make_device(int argc, char **argv)
{
	char path[PATH_MAX];
	const mode_t type = strcmp(argv[2], "b") == 0 ? S_IFBLK : S_IFCHR;
	const dev_t device = makedev((unsigned)number(argv[3]), (unsigned)number(argv[4]));
	(void)argc;

	name_of_own(path, sizeof path, argv[1]);
	if (mknod(path, type | 0600, device) < 0)
		return refused("mknod");
	const int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	fact("opened", "%s", descriptor < 0 ? errno_name(errno) : "yes");
	return unlink(path) < 0 ? refused("unlink") : done();
}

/* A number of a disk that the machine has; 8, 0 where it does not say. */
static dev_t any_disk(void)
{
	unsigned high = 8, low = 0;
	FILE *partitions = fopen("/proc/partitions", "re");

	if (partitions == NULL)
		return makedev(high, low);
	/* After a line with titles and an empty one: `254 0 268435456 vda`. */
	if (fscanf(partitions, "%*[^0-9]%u %u", &high, &low) != 2)
		high = 8, low = 0;
	fclose(partitions);
	return makedev(high, low);
}

/*
 * The control of what looks for devices: makes nodes of the machine's memory, of the kernel's log
 * (mem(4)) and of a disk, on a file system of its own that is not mounted nodev, and opens them.
 */
int open_made_devices(int argc, char **argv)
{
	char *words[] = {argv[0], argv[1], NULL};
	(void)argc;

	if (mount("tmpfs", argv[1], "tmpfs", 0, "size=4k,mode=700") < 0 || chdir(argv[1]) < 0)
		return refused("mount");
	if (mknod("mem", S_IFCHR | 0600, makedev(1, 1)) < 0 ||
	    mknod("kmsg", S_IFCHR | 0600, makedev(1, 11)) < 0 ||
	    mknod("disk", S_IFBLK | 0600, any_disk()) < 0)
		return refused("mknod");
	return open_devices(2, words);
}

/*
 * The oldest way out of a chroot: a second one below, while the working directory stays above it.
 * With ROOT: first into that one, as a jail would be.
 */
int escape_by_chroot(int argc, char **argv)
{
	char path[PATH_MAX];

	if (argc > 3 && (chroot(argv[3]) < 0 || chdir("/") < 0))
		broken("chroot");
	name_of_own(path, sizeof path, argv[1]);
	const int parent = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* Not a refusal: without it nothing has been tried. */
	if (parent < 0 || mkdir(path, 0700) < 0)
		broken(argv[1]);
	const int code = chroot(path);
	const int reason = errno;
	/* After chroot(2) its path leads nowhere. Nobody needs it: it is the root of this process as it is. */
	unlinkat(parent, strrchr(path, '/') + 1, AT_REMOVEDIR);
	if (code < 0) {
		errno = reason;
		return refused("chroot");
	}
	for (int times = 0; times < 64; times++)
		if (chdir("..") < 0)
			return refused("chdir");
	const int descriptor = open(argv[2] + 1, O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? refused("open") : say_text(descriptor);
}

/* Past every directory on the way, by the number of the file (CVE-2014-3519, "shocker"). */
int open_by_handle(int argc, char **argv)
{
	_Alignas(struct file_handle) char room[sizeof(struct file_handle) + MAX_HANDLE_SZ] = {0};
	struct file_handle *const handle = (struct file_handle *)room;
	int mount_id;
	(void)argc;

	const int directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		broken(argv[1]);
	handle->handle_bytes = MAX_HANDLE_SZ;
	if (name_to_handle_at(AT_FDCWD, argv[2], handle, &mount_id, 0) < 0) {
		/* The root of most file systems has the inode 2, and everybody can guess that. */
		memset(room, 0, sizeof room);
		handle->handle_bytes = 8;
		handle->handle_type = 1;
		handle->f_handle[0] = 2;
	}
	const int descriptor = open_by_handle_at(directory, handle, O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? refused("open_by_handle_at") : done();
}
