/* The audit of a jail's tree, from outside, as root; and a tree that has everything it looks for. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

static char type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return 'f';
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	default:
		return '?';
	}
}

static bool has_attribute(const struct entry *entry, const char *attribute)
{
	char path[PATH_MAX];

	/* By descriptor and name: the part before the name can't be turned. */
	if (entry->parent == AT_FDCWD)
		snprintf(path, sizeof path, "%s", entry->name);
	else
		snprintf(path, sizeof path, "/proc/self/fd/%d/%s", entry->parent, entry->name);
	return lgetxattr(path, attribute, NULL, 0) >= 0;
}

/* Says all that is not a plain file of root's which nobody else can change; what it means is not decided here. */
static void look(const struct entry *entry, void *data)
{
	const struct stat *stat = &entry->stat;
	const char type = type_of(stat->st_mode);
	const bool is_link = type == 'l';
	const bool has_capability = type == 'f' && has_attribute(entry, "security.capability");
	const bool has_acl = !is_link && (has_attribute(entry, "system.posix_acl_access") ||
	                                  has_attribute(entry, "system.posix_acl_default"));
	const bool is_plain = strchr("fdl", type) != NULL && stat->st_uid == 0 &&
	                      (type == 'd' || stat->st_nlink == 1) &&
	                      (is_link || (stat->st_mode & 06022) == 0);
	(void)data;

	if (is_plain && !has_capability && !has_acl)
		return;
	fact("item", "%c %o %u %u %ju %jx %ju %u %u %s%s %s", type, stat->st_mode & 07777,
	     stat->st_uid, stat->st_gid, (uintmax_t)stat->st_nlink, (uintmax_t)stat->st_dev,
	     (uintmax_t)stat->st_ino, major(stat->st_rdev), minor(stat->st_rdev),
	     has_capability ? "k" : "-", has_acl ? "a" : "-", entry->path);
}

/* A home, of which what its owner has made itself is of no interest. */
struct home {
	size_t above; /* the length of the path of all homes */
	uid_t owner;
};

/* Is the entry what every user may have in a home of its own? A tenant can have any number of these. */
static bool is_own(const struct entry *entry, const struct home *home)
{
	const struct stat *stat = &entry->stat;
	const char type = type_of(stat->st_mode);

	return stat->st_uid == home->owner && stat->st_uid != 0 && strchr("fdlps", type) != NULL &&
	       (type == 'd' || stat->st_nlink == 1) &&
	       !(type == 'f' && has_attribute(entry, "security.capability"));
}

static void look_at_homes(const struct entry *entry, void *data)
{
	struct home *home = data;
	const bool is_top = strlen(entry->path) <= home->above;

	/* Each home is followed by all that is in it. */
	if (is_top || strchr(entry->path + home->above + 1, '/') == NULL) {
		home->owner = entry->stat.st_uid;
		look(entry, NULL);
	} else if (!is_own(entry, home)) {
		look(entry, NULL);
	}
}

/*
 * Homes by themselves: what a tenant heaps up there must not end the look at the rest. What matters
 * there, only root can make.
 */
int audit(int argc, char **argv)
{
	char homes[PATH_MAX];
	char *skipped[] = {homes, NULL};
	struct stat stat;
	(void)argc;

	snprintf(homes, sizeof homes, "%s/home", argv[1]);
	const struct walk tree = walk(argv[1], skipped, true, look, NULL);
	struct walk below = {0, false};
	struct home home = {.above = strlen(homes)};
	if (lstat(homes, &stat) == 0 && S_ISDIR(stat.st_mode))
		below = walk(homes, NULL, true, look_at_homes, &home);
	fact("entries", "%ld", tree.entries + below.entries);
	if (below.is_cut)
		fact("homes-cut", "yes");
	return tree.is_cut ? outcome("cut") : done();
}

static void planted(const char *name, int code)
{
	fact("planted", "%s %s", name, code < 0 ? errno_name(errno) : "done");
}

static int make_file(const char *name, mode_t mode)
{
	const int descriptor = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (descriptor < 0)
		return -1;
	const int code = fchmod(descriptor, mode);
	close(descriptor);
	return code;
}

static int give_capability(const char *name)
{
	/*
	 * CAP_CHOWN, permitted and effective, in the form of version 2 (linux/capability.h). Little
	 * endian, which the supported machines are.
	 */
	static const struct {
		uint32_t version_and_flags;
		struct {
			uint32_t permitted, inheritable;
		} words[2];
	} data = {0x02000001, {{1, 0}, {0, 0}}};

	if (make_file(name, 0755) < 0)
		return -1;
	return setxattr(name, "security.capability", &data, sizeof data, 0);
}

/* An entry for one more user than owner, group and others (acl(5)). */
static int give_acl(const char *name, uint32_t uid)
{
	const struct {
		uint32_t version;
		struct {
			uint16_t tag, permissions;
			uint32_t id;
		} entries[5];
	} list = {2, {{1, 6, ~0U}, {2, 6, uid}, {4, 4, ~0U}, {16, 6, ~0U}, {32, 4, ~0U}}};

	if (make_file(name, 0644) < 0)
		return -1;
	return setxattr(name, "system.posix_acl_access", &list, sizeof list, 0);
}

static int make_socket(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	const int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", name);
	return bind(descriptor, (const struct sockaddr *)&address, sizeof address);
}

/* One thing of each kind that an audit must find. */
int plant_specimens(int argc, char **argv)
{
	const uint32_t uid = (uint32_t)number(argv[2]);
	(void)argc;

	if (chdir(argv[1]) < 0)
		broken(argv[1]);
	planted("setuid", make_file("setuid", 04755));
	planted("setgid", make_file("setgid", 02755));
	planted("capability", give_capability("capability"));
	planted("device", mknod("device", S_IFCHR | 0666, makedev(1, 1)));
	planted("hard-link", link(argv[3], "hard-link"));
	planted("writable", make_file("writable", 0666));
	planted("writable-directory", mkdir("writable-directory", 0755));
	planted("writable-directory-mode", chmod("writable-directory", 0777));
	planted("owned", make_file("owned", 0644));
	planted("owned-owner", chown("owned", uid, uid));
	planted("acl", give_acl("acl", uid));
	planted("fifo", mkfifo("fifo", 0644));
	planted("socket", make_socket("socket"));
	return done();
}
