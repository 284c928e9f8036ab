/* Directories that are open, and how they get from one process to another. */
#define _GNU_SOURCE
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static void send_descriptor(int connection, int descriptor)
{
	union control control = {0};
	char byte = 'd';
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof descriptor);
	memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
	/* Whoever asked may have gone. */
	(void)!sendmsg(connection, &message, MSG_NOSIGNAL);
}

static int receive_descriptor(int connection)
{
	union control control = {0};
	char byte;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	int descriptor;

	if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) <= 0)
		return -1;
	const struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS) {
		errno = ENOMSG;
		return -1;
	}
	memcpy(&descriptor, CMSG_DATA(header), sizeof descriptor);
	return descriptor;
}

/* In a network namespace that others are in, anybody may ask: one of them would get out by it. */
static bool is_of(int connection, uid_t uid)
{
	struct ucred peer;
	socklen_t length = sizeof peer;

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && peer.uid == uid;
}

/* Hands a directory to a user who asks, and to nobody else, until its standard input is closed. */
int offer_directory(int argc, char **argv)
{
	struct sockaddr_un address;
	const socklen_t length = local_address(&address, argv[1], true);
	const int directory = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const uid_t uid = (uid_t)number(argv[3]);
	char ignored[64];
	(void)argc;

	if (directory < 0)
		broken(argv[2]);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, length) < 0 ||
	    listen(listener, 4) < 0)
		return refused("listen");
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		broken("write");
	for (;;) {
		struct pollfd wanted[] = {{STDIN_FILENO, POLLIN, 0}, {listener, POLLIN, 0}};
		if (poll(wanted, 2, -1) < 0 && errno != EINTR)
			broken("poll");
		if (wanted[0].revents != 0 && read(STDIN_FILENO, ignored, sizeof ignored) <= 0)
			return done();
		if ((wanted[1].revents & POLLIN) == 0)
			continue;
		const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection < 0)
			continue;
		if (is_of(connection, uid))
			send_descriptor(connection, directory);
		close(connection);
	}
}

/* A file by its path from a directory that another process hands over. */
int take_directory(int argc, char **argv)
{
	struct sockaddr_un address;
	const socklen_t length = local_address(&address, argv[1], true);
	const int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)argc;

	if (connection < 0)
		return refused("socket");
	if (connect(connection, (const struct sockaddr *)&address, length) < 0)
		return refused("connect");
	const int directory = receive_descriptor(connection);
	if (directory < 0)
		return refused("recvmsg");
	fact("taken", "yes");
	if (fchdir(directory) < 0)
		return refused("fchdir");
	const int descriptor = open(argv[2], O_RDONLY | O_CLOEXEC);
	return descriptor < 0 ? refused("open") : say_text(descriptor);
}

/* The control, with both sides. Isolated: so nobody else can ask. */
int hand_over(int argc, char **argv)
{
	char name[] = "jailctl-probe";
	char *words[] = {argv[0], name, argv[2], NULL};
	struct sockaddr_un address;
	const socklen_t length = local_address(&address, name, true);
	const int directory = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)argc;

	if (directory < 0)
		broken(argv[1]);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&address, length) < 0 ||
	    listen(listener, 1) < 0)
		return refused("listen");
	const pid_t child = fork();
	if (child < 0)
		return refused("fork");
	if (child > 0)
		return take_directory(3, words);
	const int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection >= 0)
		send_descriptor(connection, directory);
	_exit(0);
}

/* Without /proc, which a chroot does not have: asks for every number. */
int list_descriptors(int argc, char **argv)
{
	enum { highest = 4096 };
	int leaked = 0;
	(void)argc;
	(void)argv;

	for (int number = 0; number < highest; number++) {
		struct stat stat;
		char name[32];
		if (fcntl(number, F_GETFD) < 0 || fstat(number, &stat) < 0)
			continue;
		const bool is_directory = S_ISDIR(stat.st_mode);
		snprintf(name, sizeof name, "descriptor-%d", number);
		fact(name, "%s", is_directory ? "directory" : "other");
		if (number > STDERR_FILENO || is_directory)
			leaked++;
	}
	return leaked > 0 ? done() : outcome("clean");
}

/* As a runtime that forgets to close a directory of the host (CVE-2024-21626). */
int leak_directory(int argc, char **argv)
{
	(void)argc;
	if (open(argv[1], O_RDONLY | O_DIRECTORY) < 0)
		broken(argv[1]);
	execl("/proc/self/exe", "jailctl-probe", "list-descriptors", (char *)NULL);
	broken("exec");
}

/*
 * Is the working directory below the root? A runtime can be made to start a program in a directory
 * of the host (CVE-2024-21626, process.cwd of /proc/self/fd/N). With ROOT: it is made not to be.
 */
int working_directory(int argc, char **argv)
{
	char path[4096];

	if (argc > 1 && chroot(argv[1]) < 0)
		return refused("chroot");
	/* The system call itself: a C library hides what is not reachable. */
	if (syscall(SYS_getcwd, path, sizeof path) < 0)
		return refused("getcwd");
	fact("path", "%s", path);
	return path[0] == '/' ? outcome("below") : done();
}
