/*
 * Resources: processes, processor time, output. Every action is bounded by its arguments: what no
 * limit stops ends by itself.
 */
#define _GNU_SOURCE
#include "probe.h"
#include "resources.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void set_limit(int limit, const char *how)
{
	struct rlimit wanted = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};

	if (strcmp(how, "raise") == 0 && setrlimit(limit, &wanted) == 0)
		return;
	if (getrlimit(limit, &wanted) < 0)
		broken("getrlimit");
	wanted.rlim_cur = strcmp(how, "raise") == 0 ? wanted.rlim_max : (rlim_t)number(how);
	if (setrlimit(limit, &wanted) < 0)
		broken("setrlimit");
}

static void sleep_ms(long long ms)
{
	struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		continue;
}

static long long clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

enum { bomb_max = 64 };

/* What all processes of a bomb see. */
struct tally {
	atomic_long budget; /* how many more may be tried */
	atomic_long started, settled;
	atomic_int refusal; /* errno */
	atomic_int known; /* of these */
	pid_t children[bomb_max];
};

/* Every process forks as long as it can, and so do those that it makes. */
static void spread(struct tally *tally)
{
	while (atomic_fetch_sub(&tally->budget, 1) > 0) {
		const pid_t parent = getpid();
		atomic_fetch_add(&tally->started, 1);
		const pid_t child = fork();
		if (child < 0) {
			atomic_store(&tally->refusal, errno);
			atomic_fetch_sub(&tally->started, 1);
			break;
		}
		if (child > 0) {
			tally->children[atomic_fetch_add(&tally->known, 1)] = child;
			continue;
		}
		/* All go with the first one. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
	}
	atomic_fetch_add(&tally->settled, 1);
}

/* Returns, in the first process only, when all are there; the others stay. */
static struct tally *explode(long max)
{
	enum { patience_ms = 10000 };
	const pid_t first = getpid();
	struct tally *tally = mmap(NULL, sizeof *tally, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (tally == MAP_FAILED)
		broken("share a page");
	/* Its children's children come to it, and not to process 1 of the host. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	atomic_store(&tally->budget, max < bomb_max ? max : bomb_max);
	spread(tally);
	while (getpid() != first)
		pause();
	for (int waited_ms = 0; tally->settled <= tally->started; waited_ms++) {
		if (waited_ms > patience_ms)
			broken("wait for the bomb");
		sleep_ms(1);
	}
	fact("made", "%ld", atomic_load(&tally->started));
	return tally;
}

static void end_bomb(const struct tally *tally)
{
	for (int at = 0; at < tally->known; at++)
		kill(tally->children[at], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

static int fork_bomb(int argc, char **argv)
{
	const struct tally *tally = explode((long)number(argv[1]));
	(void)argc;

	end_bomb(tally);
	errno = tally->refusal;
	return tally->refusal == 0 ? done() : refused("fork");
}

static void *wait_for_ever(void *ignored)
{
	for (;;)
		pause();
	return ignored;
}

static int thread_bomb(int argc, char **argv)
{
	const long long max = number(argv[1]);
	pthread_attr_t small;
	pthread_t thread;
	long long made = 0;
	int failure = 0;
	(void)argc;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	while (made < max && (failure = pthread_create(&thread, &small, wait_for_ever, NULL)) == 0)
		made++;
	fact("made", "%lld", made);
	errno = failure;
	return failure == 0 ? done() : refused("pthread_create");
}

static pid_t by_fork(void)
{
	const pid_t child = fork();

	if (child == 0)
		_exit(0);
	return child;
}

static pid_t by_vfork(void)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
	const pid_t child = vfork();
#pragma GCC diagnostic pop

	if (child == 0)
		_exit(0);
	return child;
}

static pid_t by_clone3(void)
{
	const long clone3_call = 435;
	uint64_t arguments[8] = {0};

	arguments[4] = SIGCHLD; /* exit_signal */
	const pid_t child = (pid_t)syscall(clone3_call, arguments, sizeof arguments);
	if (child == 0)
		_exit(0);
	return child;
}

/* Returns whether there was one. */
static bool try_one(const char *name, pid_t (*start)(void))
{
	const pid_t child = start();

	fact(name, "%s", child < 0 ? errno_name(errno) : "done");
	while (child > 0 && waitpid(child, NULL, 0) < 0 && errno == EINTR)
		continue;
	return child > 0;
}

/* A process or a thread, once by each of the ways that there are. */
static int start_one(int argc, char **argv)
{
	pthread_t thread;
	(void)argc;
	(void)argv;

	bool any = try_one("fork", by_fork);
	any |= try_one("vfork", by_vfork);
	any |= try_one("clone3", by_clone3);
	const int failure = pthread_create(&thread, NULL, wait_for_ever, NULL);
	fact("thread", "%s", failure == 0 ? "done" : errno_name(failure));
	return any || failure == 0 ? done() : outcome(errno_name(failure));
}

/* Holds as many processes as it gets, and memory, until it is told to end. */
static int hold(int argc, char **argv)
{
	const size_t bytes = (size_t)number(argv[2]);
	const struct tally *tally = explode((long)number(argv[1]));
	(void)argc;

	char *memory = malloc(bytes);
	if (memory == NULL)
		return refused("malloc");
	memset(memory, 1, bytes);
	wait_until_told_to_end();
	fact("last", "%d", memory[bytes - 1]);
	end_bomb(tally);
	return done();
}

static void burn(long long ms)
{
	const long long end_ms = clock_ms(CLOCK_PROCESS_CPUTIME_ID) + ms;

	while (clock_ms(CLOCK_PROCESS_CPUTIME_ID) < end_ms)
		continue;
}

/*
 * So many milliseconds of processor time, or so many in each of some children. `first`: before all
 * others that wait for a processor, if it may. `later`: when it is told to end. `wait`: at once, and
 * then until it is told to end.
 */
static int spin(int argc, char **argv)
{
	const long long ms = number(argv[1]), children = argc > 2 ? number(argv[2]) : 0;
	const char *how = argc > 3 ? argv[3] : "";
	const long long began_ms = clock_ms(CLOCK_MONOTONIC);
	struct rlimit limit;

	if (getrlimit(RLIMIT_CPU, &limit) < 0)
		broken("getrlimit");
	fact("seconds", "%lld", (long long)limit.rlim_max);
	signal(SIGXCPU, SIG_IGN); /* As somebody would who wants more. */
	if (strcmp(how, "first") == 0)
		setpriority(PRIO_PROCESS, 0, -20);
	if (strcmp(how, "later") == 0)
		wait_until_told_to_end();
	for (long long made = 0; made < children; made++) {
		const pid_t child = fork();
		if (child < 0)
			return refused("fork");
		if (child > 0)
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		burn(ms);
		_exit(0);
	}
	if (children == 0)
		burn(ms);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
	fact("wall_ms", "%lld", clock_ms(CLOCK_MONOTONIC) - began_ms);
	if (strcmp(how, "wait") == 0)
		wait_until_told_to_end();
	return done();
}

static int do_nothing_for(int argc, char **argv)
{
	(void)argc;
	sleep_ms(number(argv[1]));
	return done();
}

/* So many bytes of one value; the rest of what it says begins on a line of its own. */
static int write_output(int argc, char **argv)
{
	static char block[4096];
	long long left = number(argv[1]);
	const int descriptor = argc > 3 ? (int)number(argv[3]) : STDOUT_FILENO;

	memset(block, (int)number(argv[2]), sizeof block);
	while (left > 0) {
		const size_t length = left < (long long)sizeof block ? (size_t)left : sizeof block;
		const ssize_t count = write(descriptor, block, length);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return refused("write");
		left -= count;
	}
	if (write(descriptor, "\n", 1) != 1)
		return refused("write");
	return done();
}

const struct action resource_actions[] = {
	{"fork-bomb", "MAX", 1, 1, fork_bomb},
	{"thread-bomb", "MAX", 1, 1, thread_bomb},
	{"start-one", "", 0, 0, start_one},
	{"hold", "PROCESSES BYTES", 2, 2, hold},
	{"spin", "MILLISECONDS [CHILDREN [first|later|wait]]", 1, 3, spin},
	{"do-nothing-for", "MILLISECONDS", 1, 1, do_nothing_for},
	{"write-output", "BYTES VALUE [DESCRIPTOR]", 2, 3, write_output},
	{"fill-memory", "malloc|shared|memfd|system-v|file BYTES [PATH]", 2, 3, fill_memory},
	{"lock-memory", "BYTES [raise|LIMIT]", 1, 2, lock_memory},
	{"fill-file", "write|sparse|truncate|fallocate BYTES PATH [signal]", 3, 4, fill_file},
	{"hold-bytes", "BYTES PATH SECONDS", 3, 3, hold_bytes},
	{"make-files", "COUNT DIRECTORY", 2, 2, make_files},
	{"make-deep", "DEPTH DIRECTORY [keep]", 2, 3, make_deep},
	{"remove-left", "PATH...", 1, -1, remove_left},
	{"crash", "DIRECTORY|- [raise]", 1, 2, crash},
	{"open-many", "MAX file|pipe|epoll|inotify|eventfd|timerfd|socket...", 2, -1, open_many},
	{"queue-messages", "MAX [raise|LIMIT]", 1, 2, queue_messages},
	{"queue-signals", "MAX [raise|LIMIT]", 1, 2, queue_signals},
	{"make-timers", "MAX [raise|LIMIT]", 1, 2, make_timers},
	{NULL, NULL, 0, 0, NULL},
};
