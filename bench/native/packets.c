/*
 * packets: what a packet over loopback costs an ordinary process.
 *   packets 4|6 COUNT
 * Sends itself COUNT datagrams, one after the other, fifty times, and prints the nanoseconds that
 * one took, from send(2) to the end of recv(2): the median of the fifty, which something else that
 * wants the processor does not move. Each datagram passes OUTPUT and INPUT once. One process does
 * both: no switch between processes hides the packet filter.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { batches = 50 };

static int fail(const char *what)
{
	fprintf(stderr, "packets: %s: %s\n", what, strerror(errno));
	return EXIT_FAILURE;
}

/* A socket that is bound to a port of its own on loopback and connected to that very port. */
static int socket_to_itself(int family)
{
	struct sockaddr_in6 address6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	struct sockaddr_in address4 = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr *address =
		family == 6 ? (struct sockaddr *)&address6 : (struct sockaddr *)&address4;
	socklen_t size = family == 6 ? sizeof address6 : sizeof address4;
	int made = socket(address->sa_family, SOCK_DGRAM, 0);
	if (made < 0 || bind(made, address, size) != 0)
		return -1;
	/* A packet that is lost must not hang it. */
	struct timeval patience = {.tv_sec = 2};
	if (setsockopt(made, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
		return -1;
	if (getsockname(made, address, &size) != 0 || connect(made, address, size) != 0)
		return -1;
	return made;
}

static double now_nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int compare(const void *left, const void *right)
{
	double difference = *(const double *)left - *(const double *)right;
	return (difference > 0) - (difference < 0);
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: packets 4|6 COUNT\n");
		return 2;
	}
	int made = socket_to_itself(atoi(argv[1]));
	if (made < 0)
		return fail("loopback");
	long count = atol(argv[2]);
	double took[batches];
	for (int batch = 0; batch < batches; batch++) {
		double begin = now_nanoseconds();
		for (long number = 0; number < count; number++) {
			char byte = 0;
			if (send(made, &byte, 1, 0) != 1)
				return fail("send");
			if (recv(made, &byte, 1, 0) != 1)
				return fail("recv");
		}
		took[batch] = (now_nanoseconds() - begin) / (double)count;
	}
	qsort(took, batches, sizeof *took, compare);
	printf("%.1f\n", took[batches / 2]);
	return EXIT_SUCCESS;
}
