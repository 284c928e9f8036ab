/* What actions of several groups do: names, addresses, children. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

void name_of_own(char *path, size_t size, const char *directory)
{
	unsigned long long random;

	if (getrandom(&random, sizeof random, 0) != sizeof random)
		broken("getrandom");
	const int length = snprintf(path, size, "%s/.jailctl-probe-%016llx", directory, random);
	if (length < 0 || (size_t)length >= size) {
		errno = ENAMETOOLONG;
		broken(directory);
	}
}

socklen_t local_address(struct sockaddr_un *address, const char *name, bool is_abstract)
{
	const size_t length = strlen(name);

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (length + 1 > sizeof address->sun_path) {
		errno = ENAMETOOLONG;
		broken(name);
	}
	/* The name of an abstract one begins with a NUL, and has none at its end. */
	memcpy(address->sun_path + (is_abstract ? 1 : 0), name, length);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
}

bool go_on_as_child(void)
{
	const pid_t child = fork();

	if (child < 0)
		broken("fork");
	if (child == 0)
		return true;
	waitpid(child, NULL, 0);
	return false;
}
