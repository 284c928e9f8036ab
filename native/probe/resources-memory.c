/* Resources: memory, by each of the ways to have some. */
#define _GNU_SOURCE
#include "probe.h"
#include "resources.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { block_bytes = 64 * 1024 };

/* What it is given, but never zero: memory that is only asked for costs nothing. */
static void *touched(void *memory, size_t bytes)
{
	memset(memory, 1, bytes);
	return memory;
}

static int with_malloc(size_t bytes)
{
	for (size_t held = 0; held < bytes; held += block_bytes) {
		/* Never freed: that is the point of it. */
		void *volatile memory = malloc(block_bytes);
		if (memory == NULL)
			return refused("malloc");
		touched(memory, block_bytes);
	}
	return done();
}

static int with_shared_pages(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return refused("mmap");
	touched(memory, bytes);
	return done();
}

/* Marked for removal before anything is in it: it goes with the process, however that ends. */
static int with_system_v(size_t bytes)
{
	const int segment = shmget(IPC_PRIVATE, bytes, IPC_CREAT | 0600);

	if (segment < 0)
		return refused("shmget");
	void *memory = shmat(segment, NULL, 0);
	const int reason = errno;
	shmctl(segment, IPC_RMID, NULL);
	errno = reason;
	if ((intptr_t)memory == -1)
		return refused("shmat");
	touched(memory, bytes);
	return done();
}

/* A file that is not mapped: its pages belong to no process. */
static int with_file(int descriptor, size_t bytes)
{
	static char block[block_bytes];

	if (descriptor < 0)
		return refused("open");
	touched(block, sizeof block);
	for (size_t held = 0; held < bytes;) {
		const ssize_t count = write(descriptor, block, sizeof block);
		if (count < 0)
			return refused("write");
		held += (size_t)count;
	}
	return done();
}

int fill_memory(int argc, char **argv)
{
	const char *kind = argv[1], *path = argc > 3 ? argv[3] : NULL;
	const size_t bytes = (size_t)number(argv[2]);

	if (strcmp(kind, "malloc") == 0)
		return with_malloc(bytes);
	if (strcmp(kind, "shared") == 0)
		return with_shared_pages(bytes);
	if (strcmp(kind, "system-v") == 0)
		return with_system_v(bytes);
	if (strcmp(kind, "memfd") == 0)
		return with_file((int)syscall(SYS_memfd_create, "probe", 0u), bytes);
	if (strcmp(kind, "file") == 0 && path != NULL) {
		const int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (descriptor >= 0)
			unlink(path);
		return with_file(descriptor, bytes);
	}
	fprintf(stderr, "jailctl-probe: no such memory: %s\n", kind);
	return 64;
}

int lock_memory(int argc, char **argv)
{
	const size_t bytes = (size_t)number(argv[1]);
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return refused("mmap");
	if (argc > 2)
		set_limit(RLIMIT_MEMLOCK, argv[2]);
	return mlock(memory, bytes) < 0 ? refused("mlock") : done();
}
