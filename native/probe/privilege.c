/* Privilege: who a program is, what it may become, and what it was given at its start. */
#define _GNU_SOURCE
#include "privilege.h"
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Of linux/capability.h: capget(2) with 64 capabilities, in two halves. */
enum { capability_version_3 = 0x20080522, capabilities_max = 64 };
struct capability_header {
	uint32_t version;
	int pid;
};
struct capability_half {
	uint32_t effective, permitted, inheritable;
};

static void say_capabilities(void)
{
	struct capability_header header = {.version = capability_version_3};
	struct capability_half halves[2] = {{0}};
	unsigned long long bounding = 0, ambient = 0;

	if (syscall(SYS_capget, &header, halves) < 0)
		broken("capget");
	for (int one = 0; one < capabilities_max; one++) {
		if (prctl(PR_CAPBSET_READ, one, 0, 0, 0) == 1)
			bounding |= 1ull << one;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, one, 0, 0) == 1)
			ambient |= 1ull << one;
	}
	fact("effective", "%08x%08x", halves[1].effective, halves[0].effective);
	fact("permitted", "%08x%08x", halves[1].permitted, halves[0].permitted);
	fact("inheritable", "%08x%08x", halves[1].inheritable, halves[0].inheritable);
	fact("bounding", "%016llx", bounding);
	fact("ambient", "%016llx", ambient);
}

static void say_ids(void)
{
	uid_t uid[3];
	gid_t gid[3];

	if (getresuid(uid, uid + 1, uid + 2) < 0 || getresgid(gid, gid + 1, gid + 2) < 0)
		broken("getresuid");
	/* No id is -1: it changes nothing, and tells what it is. */
	fact("uid", "%u %u %u %u", uid[0], uid[1], uid[2], (unsigned)setfsuid((uid_t)-1));
	fact("gid", "%u %u %u %u", gid[0], gid[1], gid[2], (unsigned)setfsgid((gid_t)-1));
}

static void say_groups(void)
{
	gid_t groups[256];
	char text[256 * 11 + 1] = "";
	const int count = getgroups(256, groups);

	if (count < 0)
		broken("getgroups");
	for (int at = 0; at < count; at++)
		snprintf(text + strlen(text), 12, at == 0 ? "%u" : " %u", groups[at]);
	fact("groups", "%s", text);
}

/* Says what the process is, by calls alone: a jail may have no /proc. Groups are taken first. */
static int credentials(int argc, char **argv)
{
	gid_t groups[16];

	for (int at = 1; at < argc; at++)
		groups[at - 1] = (gid_t)number(argv[at]);
	if (argc > 1 && setgroups((size_t)argc - 1, groups) < 0)
		return refused("setgroups");
	fact("no_new_privs", "%d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	say_capabilities();
	say_ids();
	say_groups();
	return done();
}

/* Says every variable of the environment. */
static int environment(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (int at = 0; environ[at] != NULL; at++) {
		char name[32];
		snprintf(name, sizeof name, "variable-%d", at);
		fact(name, "%s", environ[at]);
	}
	return done();
}

/* Makes a file that asks for every right, and says which it got. A umask is set first. */
static int make_file(int argc, char **argv)
{
	char path[512];
	struct stat state;

	if (argc > 2)
		umask((mode_t)number(argv[2]));
	name_of_own(path, sizeof path, argv[1]);
	const int file = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0777);
	if (file < 0)
		return refused("open");
	const int known = fstat(file, &state);
	unlink(path);
	if (known < 0)
		broken("fstat");
	fact("mode", "%04o", state.st_mode & 07777);
	return done();
}

/* Copies this program, setuid and setgid. Returns its descriptor, or -1 with errno. */
static int copy_of_own(const char *path)
{
	char part[16384];
	ssize_t count;
	const int from = open((const char *)getauxval(AT_EXECFN), O_RDONLY | O_CLOEXEC);

	if (from < 0)
		broken("open the own program");
	const int to = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0700);
	if (to < 0) {
		close(from);
		return -1;
	}
	while ((count = read(from, part, sizeof part)) > 0)
		if (write(to, part, (size_t)count) != count)
			broken("copy the own program");
	close(from);
	/* After the last write, which would take the bits away. */
	if (fchmod(to, 06755) < 0)
		broken("fchmod");
	return to;
}

/* What a setuid program would be worth in this directory: `nosuid`, `suid`, or why there can be none. */
static const char *worth_of_setuid(const char *directory)
{
	char path[512];
	struct statvfs system;
	struct stat state;

	name_of_own(path, sizeof path, directory);
	const int file = copy_of_own(path);
	if (file < 0)
		return errno_name(errno);
	const bool is_known = fstatvfs(file, &system) == 0 && fstat(file, &state) == 0;
	unlink(path);
	close(file);
	if (!is_known)
		broken("fstatvfs");
	return system.f_flag & ST_NOSUID || !(state.st_mode & S_ISUID) ? "nosuid" : "suid";
}

/* Plants a setuid program in each directory, and removes it again. */
static int plant_setuid(int argc, char **argv)
{
	for (int at = 1; at < argc; at++) {
		char name[32];
		snprintf(name, sizeof name, "directory-%d", at - 1);
		fact(name, "%s", worth_of_setuid(argv[at]));
	}
	return done();
}

/* As root, on a file system of its own: becomes another user, starts a setuid copy of this program. */
static int start_setuid(int argc, char **argv)
{
	char path[512];
	const uid_t id = (uid_t)number(argv[2]);

	(void)argc;
	if (mount("none", argv[1], "tmpfs", 0, "mode=0755") < 0)
		return refused("mount");
	name_of_own(path, sizeof path, argv[1]);
	const int file = copy_of_own(path);
	if (file < 0)
		return refused("open");
	/* While it is open for writing it can't be started. */
	close(file);
	if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || setresuid(id, id, id) < 0)
		return refused("setresuid");
	execl(path, "jailctl-probe", "credentials", (char *)NULL);
	return refused("execve");
}

const struct action privilege_actions[] = {
	{"credentials", "[GROUP...]", 0, 16, credentials},
	{"environment", "", 0, 0, environment},
	{"make-file", "DIRECTORY [UMASK]", 1, 2, make_file},
	{"plant-setuid", "DIRECTORY...", 1, -1, plant_setuid},
	{"start-setuid", "DIRECTORY UID", 2, 2, start_setuid},
	{"call", "NAME[:LABEL] [ARGUMENT...] [, NAME ...]", 1, -1, make_calls},
	{NULL, NULL, 0, 0, NULL},
};
