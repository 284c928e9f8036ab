/*
 * jailctl-sweep: ends the processes of jail users, and removes what these leave in the kernel when
 * no IPC namespace held them. To be run by root, while no program of these users is being started.
 *
 *   jailctl-sweep UID...
 *
 * Gone afterwards, if they are of one of the UIDs: processes; System V shared memory, semaphores
 * and message queues; POSIX message queues; keys and keyrings. Exit code 0, or 1 with a complaint.
 *
 * A key from which its owner has taken the rights to see, find and change it can be removed by
 * nobody, nor can it be used: jailctl-launch keeps programs from making any.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* A process in uninterruptible sleep dies only when its I/O ends. */
enum { patience_ms = 10000, keys_patience_ms = 1000, poll_ms = 2 };

/* Of linux/securebits.h, which a C library need not bring. */
enum { no_setuid_fixup = 1 << 2 };

/*
 * UIDs that nobody has, one for each process that can be (proc_sys_kernel(5), pid_max): the highest
 * ones below (uid_t)-1, which stands for "as it is".
 */
enum { highest_pid = 1 << 22 };
static const uid_t lowest_nobody = (uid_t)-1 - highest_pid - 1;

static bool complain(const char *what, uid_t uid)
{
	fprintf(stderr, "jailctl-sweep: UID %u: %s: %s\n", uid, what, strerror(errno));
	return false;
}

static void pause_briefly(void)
{
	const struct timespec pause = {.tv_nsec = poll_ms * 1000000L};
	nanosleep(&pause, NULL);
}

/* Whose processes are to end, in ascending order. */
static uid_t *uids;
static size_t uid_count;

static int compare_uids(const void *one, const void *other)
{
	uid_t a = *(const uid_t *)one, b = *(const uid_t *)other;
	return (a > b) - (a < b);
}

static bool is_wanted(unsigned uid)
{
	uid_t key = uid;
	return bsearch(&key, uids, uid_count, sizeof key, compare_uids) != NULL;
}

/*
 * Which of the users is the real, effective, saved or file-system UID of a process that still runs?
 * 0 where it is none of them.
 */
static uid_t user_of(const char *pid)
{
	char path[64], text[2048], state = 'X';
	unsigned found[4] = {0};

	snprintf(path, sizeof path, "/proc/%.20s/status", pid);
	int status = open(path, O_RDONLY | O_CLOEXEC);
	if (status < 0)
		return 0; /* It ended while we looked. */
	ssize_t length = read(status, text, sizeof text - 1);
	close(status);
	text[length < 0 ? 0 : length] = '\0';
	/* The name stands before both, but a newline in it is written as \n (proc_pid_status(5)). */
	char *at = strstr(text, "\nState:");
	if (at == NULL || sscanf(at, "\nState: %c", &state) != 1)
		return 0;
	at = strstr(at, "\nUid:");
	if (at == NULL || sscanf(at, "\nUid: %u %u %u %u", found, found + 1, found + 2, found + 3) != 4)
		return 0;
	/* A zombie runs nothing any more, and only its parent can remove it. */
	if (state == 'Z' || state == 'X')
		return 0;
	for (int index = 0; index < 4; index++)
		if (is_wanted(found[index]))
			return found[index];
	return 0;
}

/* Kills the processes that are seen, and returns the user of one; 0 when there was none. */
static uid_t kill_each(void)
{
	uid_t last = 0;
	DIR *processes = opendir("/proc");

	if (processes == NULL)
		return uids[0];
	for (struct dirent *entry; (entry = readdir(processes)) != NULL;) {
		uid_t uid = isdigit((unsigned char)entry->d_name[0]) ? user_of(entry->d_name) : 0;
		if (uid == 0)
			continue;
		last = uid;
		kill((pid_t)atol(entry->d_name), SIGKILL);
	}
	closedir(processes);
	return last;
}

/*
 * Kills all processes of a user at once, so that no fork can slip through (kill(2)). With its real
 * UID nobody's and its saved one root's, the sender can be neither signalled nor traced by those it
 * is after (kill(2), ptrace(2)). Nobody's is another one for each sender: with one real UID in
 * common, two that work at the same time would end one another. Returns false with errno where the
 * user namespace lacks one of the UIDs.
 */
static bool kill_all(uid_t uid)
{
	if (setresuid(lowest_nobody + (uid_t)getpid(), uid, 0) != 0)
		return false;
	kill(-1, SIGKILL);
	if (setresuid(0, 0, 0) != 0)
		abort(); /* It is a call that can't fail: the saved UID is root's. */
	return true;
}

static bool end_processes(void)
{
	uid_t left = uids[0];

	/* The capability to kill everybody must go with root's UID (capabilities(7)). */
	if (prctl(PR_GET_SECUREBITS) & no_setuid_fixup) {
		errno = EPERM;
		return complain("the secure bit no_setuid_fixup is set", left);
	}
	for (int waited_ms = 0; waited_ms < patience_ms; waited_ms += poll_ms) {
		bool any = kill_each() != 0;
		for (size_t index = 0; index < uid_count; index++)
			if (!kill_all(uids[index]))
				return complain("can't take its UID", uids[index]);
		left = kill_each();
		if (!any && left == 0)
			return true;
		pause_briefly();
	}
	errno = ETIME;
	return complain("processes do not end", left);
}

static bool is_owned(const struct ipc_perm *object, uid_t uid)
{
	return object->uid == uid || object->cuid == uid;
}

/* Somebody may remove an object between our two looks at it. */
static bool is_done(int result)
{
	return result == 0 || errno == EINVAL || errno == EIDRM;
}

/* The calls give the highest index in use; -1 where the kernel has no System V objects. */
static bool remove_system_v(uid_t uid)
{
	union {
		struct shm_info info;
		struct shmid_ds one;
	} memory;
	union semaphores {
		struct seminfo *info;
		struct semid_ds *one;
	} argument;
	struct seminfo semaphore_info;
	struct semid_ds semaphores;
	union {
		struct msginfo info;
		struct msqid_ds one;
	} queue;
	bool done = true;

	int last = shmctl(0, SHM_INFO, (struct shmid_ds *)&memory.info);
	for (int index = 0; index <= last; index++) {
		int id = shmctl(index, SHM_STAT, &memory.one);
		if (id >= 0 && is_owned(&memory.one.shm_perm, uid))
			done &= is_done(shmctl(id, IPC_RMID, NULL));
	}
	argument.info = &semaphore_info;
	last = semctl(0, 0, SEM_INFO, argument);
	for (int index = 0; index <= last; index++) {
		argument.one = &semaphores;
		int id = semctl(index, 0, SEM_STAT, argument);
		if (id >= 0 && is_owned(&semaphores.sem_perm, uid))
			done &= is_done(semctl(id, 0, IPC_RMID));
	}
	last = msgctl(0, MSG_INFO, (struct msqid_ds *)&queue.info);
	for (int index = 0; index <= last; index++) {
		int id = msgctl(index, MSG_STAT, &queue.one);
		if (id >= 0 && is_owned(&queue.one.msg_perm, uid))
			done &= is_done(msgctl(id, IPC_RMID, NULL));
	}
	return done || complain("can't remove System V objects", uid);
}

/*
 * POSIX message queues can be listed only where their file system is mounted. Here it is, over
 * /dev, for nobody but this process. Returns false with errno when it could not be.
 */
static bool mount_queues(void)
{
	return unshare(CLONE_NEWNS) == 0 && mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("mqueue", "/dev", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0;
}

static bool remove_queues(uid_t uid)
{
	bool done = true;
	DIR *queues = opendir("/dev");

	if (queues == NULL)
		return complain("/dev", uid);
	for (struct dirent *entry; (entry = readdir(queues)) != NULL;) {
		struct stat found;
		if (fstatat(dirfd(queues), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (S_ISREG(found.st_mode) && found.st_uid == uid)
			done &= unlinkat(dirfd(queues), entry->d_name, 0) == 0 || errno == ENOENT;
	}
	closedir(queues);
	return done || complain("can't remove POSIX message queues", uid);
}

/* Of linux/keyctl.h, which a C library need not bring. */
enum {
	process_keyring = -2,
	set_permissions = 5,
	invalidate = 21,
	get_persistent = 22,
	all_for_owner = 0x3f3f0000,
};

static long key_call(long what, long first, long second)
{
	return syscall(SYS_keyctl, what, first, second, 0L, 0L);
}

/*
 * Makes the keys invalid that can be seen, and returns how many there were. The file-system UID
 * alone makes us their owner; who could trace us is decided by the other ones (ptrace(2)).
 */
static int invalidate_keys(uid_t uid)
{
	char *line = NULL;
	size_t size = 0;
	int count = 0;

	setfsuid(uid);
	/* It shows the keys that whoever opened it may see: root does not see those of others. */
	FILE *keys = fopen("/proc/keys", "re");
	while (keys != NULL && getline(&line, &size, keys) > 0) {
		char flags[16], description[32] = "";
		unsigned serial, owner;
		/* 1978fd24 I--Q---     1 perm 1f3f0000     0 65534 keyring   _uid_ses.0: 1 */
		if (sscanf(line, "%x %15s %*d %*s %*x %u %*d %*s %31s", &serial, flags, &owner,
			   description) < 3)
			continue;
		if (owner != uid)
			continue;
		count++;
		if (strchr(flags, 'i') != NULL)
			continue; /* It is invalid. Asking for it would make a new one. */
		/* Its owner has no right to find it; who holds it has. */
		if (strncmp(description, "_persistent.", strlen("_persistent.")) == 0)
			key_call(get_persistent, (long)uid, process_keyring);
		else
			key_call(set_permissions, (long)serial, all_for_owner);
		key_call(invalidate, (long)serial, 0);
	}
	free(line);
	if (keys != NULL)
		fclose(keys);
	setfsuid(0);
	return count;
}

/*
 * An invalid key can be found no more. The kernel frees it a moment later, and with it what was in
 * it, which its owner alone could not remove.
 */
static void remove_keys(uid_t uid)
{
	for (int waited_ms = 0; waited_ms < keys_patience_ms; waited_ms += poll_ms) {
		if (invalidate_keys(uid) == 0)
			return;
		pause_briefly();
	}
}

/* Returns 0, which is no jail user's, for what is no UID. */
static uid_t parse_uid(const char *text)
{
	char *end;
	errno = 0;
	unsigned long uid = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end != '\0' || errno != 0 || uid >= lowest_nobody)
		return 0;
	return (uid_t)uid;
}

int main(int argc, char **argv)
{
	uid_count = argc > 1 ? (size_t)argc - 1 : 0;
	uids = calloc(uid_count + 1, sizeof *uids);
	bool is_valid = uids != NULL && uid_count > 0;
	for (size_t index = 0; is_valid && index < uid_count; index++) {
		uids[index] = parse_uid(argv[index + 1]);
		is_valid = uids[index] != 0;
	}
	if (!is_valid) {
		fprintf(stderr, "usage: jailctl-sweep UID...\n");
		return 1;
	}
	qsort(uids, uid_count, sizeof *uids, compare_uids);

	/* What still runs could make new ones. */
	bool done = end_processes();
	for (size_t index = 0; index < uid_count; index++) {
		done &= remove_system_v(uids[index]);
		remove_keys(uids[index]);
	}
	bool has_queues = mount_queues();
	if (!has_queues && errno != ENODEV) /* The kernel has none. */
		done = complain("can't look at POSIX message queues", 0);
	for (size_t index = 0; has_queues && index < uid_count; index++)
		done &= remove_queues(uids[index]);
	return done ? 0 : 1;
}
