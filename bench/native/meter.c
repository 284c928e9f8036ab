/*
 * meter: runs one program and says on descriptor 3 what it took, on one line:
 *   WALL_NANOSECONDS CPU_MICROSECONDS PEAK_KIB
 * The program has the other descriptors, and its exit code is meter's; a signal makes it 128 + its
 * number.
 *
 * It is its own program because the peak of a process counts what it was before execve(2), too: a
 * child of Node's would begin with Node's (getrusage(2), ru_maxrss). This one is small. The peak is
 * that of the largest process, the CPU time that of all that were waited for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long now_nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000LL + time.tv_usec;
}

int main(int argc, char **argv)
{
	if (argc < 2 || fcntl(3, F_SETFD, FD_CLOEXEC) != 0) {
		fprintf(stderr, "usage: meter PROGRAM [ARGUMENT...] 3>RESULT\n");
		return 2;
	}
	long long begin = now_nanoseconds();
	pid_t child = fork();
	if (child == 0) {
		execvp(argv[1], argv + 1);
		fprintf(stderr, "meter: %s: %s\n", argv[1], strerror(errno));
		_exit(127);
	}
	int status;
	struct rusage used;
	if (child < 0 || wait4(child, &status, 0, &used) != child) {
		perror("meter");
		return 2;
	}
	long long wall = now_nanoseconds() - begin;
	long long cpu = microseconds(used.ru_utime) + microseconds(used.ru_stime);
	dprintf(3, "%lld %lld %ld\n", wall, cpu, used.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
