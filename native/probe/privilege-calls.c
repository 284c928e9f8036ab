/*
 * Privilege: system calls, past every library, and by every door that the processor has.
 *
 *   call NAME[:LABEL] [ARGUMENT...] [, NAME ...]
 *
 * Each call is made in a process of its own, so that none changes what the next one meets, and says
 * `LABEL done`, `LABEL EPERM`, or `LABEL SIGSYS` when it was the end of its process.
 *
 * NAME      of this table; i386-NUMBER: of 32-bit code; x32-NUMBER: of x32 code
 * ARGUMENT  a number; `null`; @TEXT: a string; #1,2,…: numbers of 32 bits in memory, and zeros after
 *           them; `self`: the own PID; `pidfd`: a descriptor of the own process
 */
#define _GNU_SOURCE
#include "privilege.h"
#include "probe.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { arguments_max = 6, block_size = 4096, absent = -1 };

/* Of Linux 5.3 and later, which C libraries may not name: the same for all architectures. */
enum {
	nr_pidfd_open = 434,
	nr_clone3 = 435,
	nr_pidfd_getfd = 438,
	nr_process_madvise = 440,
	nr_memfd_secret = 447,
};

static const struct {
	const char *name;
	long number;
} calls[] = {
#define CALL(name) {#name, SYS_##name}
	CALL(acct), CALL(add_key), CALL(adjtimex), CALL(bpf), CALL(clock_adjtime),
	CALL(clock_settime), CALL(clone), CALL(delete_module), CALL(fanotify_init),
	CALL(finit_module), CALL(get_mempolicy), CALL(getpid), CALL(init_module), CALL(io_setup),
	CALL(ioprio_set), CALL(kcmp), CALL(kexec_load), CALL(keyctl), CALL(mbind),
	CALL(name_to_handle_at), CALL(open_by_handle_at), CALL(perf_event_open), CALL(personality),
	CALL(process_vm_readv), CALL(ptrace), CALL(quotactl), CALL(reboot), CALL(request_key),
	CALL(setdomainname), CALL(setgid), CALL(setgroups), CALL(sethostname), CALL(setns),
	CALL(setregid), CALL(setresgid), CALL(setresuid), CALL(setreuid), CALL(settimeofday),
	CALL(setuid), CALL(swapoff), CALL(swapon), CALL(syslog), CALL(unshare), CALL(userfaultfd),
	CALL(vmsplice),
	{"clone3", nr_clone3},
	{"memfd_secret", nr_memfd_secret},
	{"pidfd_getfd", nr_pidfd_getfd},
	{"process_madvise", nr_process_madvise},
#if defined(__x86_64__)
	CALL(ioperm), CALL(iopl), CALL(kexec_file_load), CALL(modify_ldt), CALL(sysfs), CALL(ustat),
#else
	{"ioperm", absent}, {"iopl", absent}, {"kexec_file_load", 294}, {"modify_ldt", absent},
	{"sysfs", absent}, {"ustat", absent},
#endif
#undef CALL
};

/* Memory with an address that 32-bit code can name as well. */
static char *new_block(void)
{
#if defined(__x86_64__)
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT;
#else
	const int flags = MAP_PRIVATE | MAP_ANONYMOUS;
#endif
	char *block = mmap(NULL, block_size, PROT_READ | PROT_WRITE, flags, -1, 0);
	if (block == MAP_FAILED)
		broken("mmap");
	return block;
}

static char *numbers_in_memory(const char *text)
{
	char *block = new_block();
	uint32_t *at = (uint32_t *)block;

	for (const char *word = text; *word != '\0' && (char *)at < block + block_size; at++) {
		char *end;
		*at = (uint32_t)strtoull(word, &end, 0);
		if (end == word) {
			fprintf(stderr, "jailctl-probe: not numbers: %s\n", text);
			exit(64);
		}
		word = *end == ',' ? end + 1 : end;
	}
	return block;
}

static long argument_value(const char *text)
{
	if (strcmp(text, "null") == 0)
		return 0;
	if (strcmp(text, "self") == 0)
		return getpid();
	if (strcmp(text, "pidfd") == 0)
		return syscall(nr_pidfd_open, getpid(), 0);
	if (*text == '@')
		return (long)strncpy(new_block(), text + 1, block_size - 1);
	if (*text == '#')
		return (long)numbers_in_memory(text + 1);
	return (long)number(text);
}

#if defined(__x86_64__)
/* As 32-bit code does: the kernel takes the number for one of i386, whose filter may be forgotten. */
static long call_of_i386(long nr, const long *values)
{
	long result;

	__asm__ volatile("int $0x80"
		: "=a"(result)
		: "a"(nr), "b"(values[0]), "c"(values[1]), "d"(values[2]), "S"(values[3]),
		  "D"(values[4])
		: "memory", "r8", "r9", "r10", "r11");
	if ((int)result >= 0 || (int)result < -4095)
		return 0;
	errno = -(int)result;
	return -1;
}
#endif

static long native_number(const char *name)
{
	for (size_t at = 0; at < sizeof calls / sizeof *calls; at++)
		if (strcmp(calls[at].name, name) == 0)
			return calls[at].number;
	fprintf(stderr, "jailctl-probe: no call is known as %s\n", name);
	exit(64);
}

static long make_call(const char *name, const long *v)
{
#if defined(__x86_64__)
	const long x32_bit = 0x40000000;

	if (strncmp(name, "i386-", 5) == 0)
		return call_of_i386((long)number(name + 5), v);
	const bool is_x32 = strncmp(name, "x32-", 4) == 0;
	const long nr = is_x32 ? (long)number(name + 4) | x32_bit : native_number(name);
#else
	const bool is_foreign = strncmp(name, "i386-", 5) == 0 || strncmp(name, "x32-", 4) == 0;
	const long nr = is_foreign ? absent : native_number(name);
#endif
	if (nr == absent) {
		errno = ENOSYS;
		return -1;
	}
	return syscall(nr, v[0], v[1], v[2], v[3], v[4], v[5]);
}

/* In a process of its own. */
static _Noreturn void attempt(const char *name, const char *label, int count, char **arguments)
{
	long values[arguments_max] = {0};
	const pid_t own = getpid();

	for (int at = 0; at < count; at++) {
		values[at] = argument_value(arguments[at]);
		/* Without a descriptor there is no attempt. */
		if (values[at] == -1 && strcmp(arguments[at], "pidfd") == 0) {
			fact(label, "%s", errno_name(errno));
			_exit(0);
		}
	}
	const long result = make_call(name, values);
	const int reason = errno;
	/* The other one of the two that come back from clone(2). */
	if (getpid() != own)
		_exit(0);
	fact(label, "%s", result == -1 ? errno_name(reason) : "done");
	_exit(0);
}

static const char *signal_name(int signal_number)
{
	static char text[24];

	if (signal_number == SIGSYS)
		return "SIGSYS";
	if (signal_number == SIGSEGV)
		return "SIGSEGV";
	snprintf(text, sizeof text, "signal-%d", signal_number);
	return text;
}

static void try_in_child(char *name, int count, char **arguments)
{
	char *colon = strchr(name, ':');
	const char *label = colon == NULL ? name : colon + 1;
	int status;

	if (colon != NULL)
		*colon = '\0';
	const pid_t child = fork();
	if (child < 0)
		broken("fork");
	if (child == 0)
		attempt(name, label, count, arguments);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			broken("wait");
	if (WIFSIGNALED(status))
		fact(label, "%s", signal_name(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		exit(WEXITSTATUS(status));
}

int make_calls(int argc, char **argv)
{
	for (int at = 1; at < argc; at++) {
		char *name = argv[at];
		int count = 0;
		while (at + 1 + count < argc && strcmp(argv[at + 1 + count], ",") != 0)
			count++;
		if (count > arguments_max) {
			fprintf(stderr, "jailctl-probe: too many arguments for %s\n", name);
			return 64;
		}
		try_in_child(name, count, argv + at + 1);
		at += count + 1;
	}
	return done();
}
