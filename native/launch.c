/*
 * jailctl-launch: starts a program in a run that has no OCI runtime, and does what the tools of
 * util-linux can't.
 *
 *   jailctl-launch PARENT PROGRAM [ARGUMENT...]
 *
 * The program can't reach the keys that the kernel holds (keyrings(7)), which are in no namespace.
 * It would inherit the session keyring, whatever UID it gets later, and might use what is in it:
 * what root put there in the login in which jailctl was started. So it gets an empty one. And the
 * calls for keys fail with ENOSYS, so that it can make none that would outlive it: a key from which
 * its owner has taken every right can be removed by nobody.
 *
 * Nor does the program get a descriptor of jailctl's caller beyond 0, 1 and 2: a directory among
 * them leads out of the jail by fchdir(2), as in CVE-2024-21626.
 *
 * As long as it is root it dies with PARENT, the PID of jailctl, so that nothing gets to run when
 * others clean up already; as another user it is theirs (PR_SET_PDEATHSIG(2const)).
 *
 * It needs no_new_privs, or CAP_SYS_ADMIN (seccomp(2)). Exit code 125 when something of this is not
 * possible, and the program is not started; 126 or 127 when it can't be.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { exit_failed = 125, exit_not_executable = 126, exit_not_found = 127 };

/* Of linux/keyctl.h, linux/audit.h, linux/filter.h and linux/seccomp.h, which musl does not bring. */
enum { join_session_keyring = 1 };
enum { filter_mode = 2 };
enum { load = 0x20, subtract = 0x14, mask = 0x54, jump = 0x05, if_equal = 0x15, if_at_least = 0x35 };
enum { answer = 0x06 };
struct instruction {
	uint16_t what;
	uint8_t skip_if, skip_else;
	uint32_t value;
};
struct program {
	unsigned short length;
	const struct instruction *instructions;
};
static const uint32_t offset_of_number = 0, offset_of_architecture = 4;
static const uint32_t allow = 0x7fff0000, refuse = 0x00050000 | ENOSYS;

/* A 32-bit program has other numbers. add_key, request_key and keyctl follow one another. */
enum { calls = 3 };
#if defined(__x86_64__)
static const uint32_t native = 0xc000003e, other = 0x40000003, other_first = 286;
#elif defined(__aarch64__)
static const uint32_t native = 0xc00000b7, other = 0x40000028, other_first = 309;
#else
#error "the numbers of the calls for keys are not known here"
#endif
_Static_assert(SYS_keyctl == SYS_add_key + 2, "they do not follow one another");

/* Set in the numbers of x32 programs, which say that they are x86-64. */
static const uint32_t x32_bit = 0x40000000;

static bool refuse_calls_for_keys(void)
{
	const struct instruction instructions[] = {
		{load, 0, 0, offset_of_architecture},
		{if_equal, 0, 4, native},
		{load, 0, 0, offset_of_number},
		{mask, 0, 0, ~x32_bit},
		{subtract, 0, 0, SYS_add_key},
		{jump, 0, 0, 3},
		{if_equal, 0, 4, other}, /* A third one is refused every call. */
		{load, 0, 0, offset_of_number},
		{subtract, 0, 0, other_first},
		{if_at_least, 0, 1, calls},
		{answer, 0, 0, allow},
		{answer, 0, 0, refuse},
	};
	const struct program program = {
		.length = sizeof instructions / sizeof *instructions,
		.instructions = instructions,
	};
	return prctl(PR_SET_SECCOMP, filter_mode, &program) == 0;
}

/* They stay open in this process, and are gone in the program that it becomes. */
static bool let_go_of_descriptors(void)
{
	const long close_range_call = 436;
	const unsigned close_on_exec = 4, first = STDERR_FILENO + 1;

	if (syscall(close_range_call, first, ~0u, close_on_exec) == 0)
		return true;
	/* Linux before 5.11. They may have been opened under a higher limit than that of now. */
	const int end = 1 << 20;
	for (int descriptor = (int)first; descriptor < end; descriptor++)
		if (fcntl(descriptor, F_SETFD, FD_CLOEXEC) < 0 && errno != EBADF)
			return false;
	return true;
}

static int fail(const char *what, int exit_code)
{
	fprintf(stderr, "jailctl-launch: %s: %s\n", what, strerror(errno));
	return exit_code;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: jailctl-launch PARENT PROGRAM [ARGUMENT...]\n");
		return exit_failed;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return fail("no signal at the death of jailctl", exit_failed);
	/* It may have died before. */
	if (getppid() != atol(argv[1]))
		return exit_failed;
	/* ENOSYS: the kernel has no keys. */
	if (syscall(SYS_keyctl, join_session_keyring, NULL) < 0 && errno != ENOSYS)
		return fail("no session keyring", exit_failed);
	if (!let_go_of_descriptors())
		return fail("descriptors stay open", exit_failed);
	if (!refuse_calls_for_keys())
		return fail("no filter for system calls", exit_failed);
	execvp(argv[2], argv + 2);
	return fail(argv[2], errno == ENOENT ? exit_not_found : exit_not_executable);
}
