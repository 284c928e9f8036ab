/*
 * Servers and their clients. A server says `heard WORD AT` whenever something from a client gets to
 * it: what counts is what arrives, not what the client believes.
 */
#define _GNU_SOURCE
#include "network.h"
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { endpoint_max = 24, word_max = 64 };

/* What a client sends: this, and its word. An echo request carries it, too. */
static const char mark[] = "jailctl-probe:";

/* On the loopback interface only, so that nothing leaves the machine. */
static int join(int descriptor, const struct endpoint *one)
{
	if (one->address.any.sa_family == AF_INET &&
	    IN_MULTICAST(ntohl(one->address.inet.sin_addr.s_addr))) {
		const struct ip_mreq group = {
			one->address.inet.sin_addr,
			{htonl(INADDR_LOOPBACK)},
		};
		return setsockopt(descriptor, IPPROTO_IP, IP_ADD_MEMBERSHIP, &group, sizeof group);
	}
	return 0;
}

static int listen_at(const struct endpoint *one)
{
	/* What is sent to a socket of IPv6 must come by IPv6. */
	const int yes = 1;
	const int descriptor = socket_of(one, is_echo(one) ? SOCK_RAW : one->protocol->type);

	if (descriptor < 0)
		return -1;
	if (one->address.any.sa_family == AF_INET6)
		setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
	if (bind(descriptor, &one->address.any, one->length) < 0 || join(descriptor, one) < 0)
		return -1;
	if (one->protocol->type == SOCK_STREAM && listen(descriptor, 16) < 0)
		return -1;
	/* The control is another user. */
	if (is_local(one) && one->address.local.sun_path[0] != '\0')
		chmod(one->address.local.sun_path, 0666);
	return descriptor;
}

static unsigned port_of(int descriptor)
{
	struct endpoint bound = {0};

	bound.length = sizeof bound.address;
	if (getsockname(descriptor, &bound.address.any, &bound.length) < 0 || is_local(&bound))
		return 0; /* a name, not a port */
	/* The port is at the same place in both families. */
	return ntohs(bound.address.inet.sin_port);
}

/* Says which word is in the bytes; `-` for none. */
static void hear(const char *bytes, size_t length, int at)
{
	char word[word_max] = "-";
	const char *found = memmem(bytes, length, mark, strlen(mark));

	if (found != NULL) {
		found += strlen(mark);
		const size_t left = length - (size_t)(found - bytes);
		size_t end = 0;
		while (end < left && end < sizeof word - 1 && found[end] > ' ' && found[end] < 127)
			end++;
		memcpy(word, found, end);
		word[end] = '\0';
	}
	fact("heard", "%s %d", word, at);
}

static bool has_input(int descriptor, int timeout)
{
	struct pollfd one = {descriptor, POLLIN, 0};

	return poll(&one, 1, timeout) == 1;
}

/* One client of a stream, or one datagram. */
static void answer(int descriptor, const struct endpoint *one, int at, const char *token)
{
	char bytes[2048];

	if (one->protocol->type == SOCK_STREAM) {
		const int client = accept4(descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (client < 0)
			return;
		const ssize_t length = has_input(client, 300) ? recv(client, bytes, sizeof bytes, 0) : 0;
		hear(bytes, length < 0 ? 0 : (size_t)length, at);
		send(client, token, strlen(token), MSG_NOSIGNAL);
		close(client);
		return;
	}
	struct endpoint from = {0};
	from.length = sizeof from.address;
	const ssize_t length =
		recvfrom(descriptor, bytes, sizeof bytes, 0, &from.address.any, &from.length);
	if (length < 0)
		return;
	hear(bytes, (size_t)length, at);
	if (!is_echo(one))
		sendto(descriptor, token, strlen(token), 0, &from.address.any, from.length);
}

/* Answers until the standard input is at its end, and then whatever has come before that. */
static void answer_all(struct pollfd *polled, const struct endpoint *all, int count, const char *token)
{
	bool is_over = false;

	for (;;) {
		const int ready = poll(polled, (nfds_t)count + 1, is_over ? 0 : -1);
		if (ready < 0 && errno != EINTR)
			broken("poll");
		if (ready == 0)
			return;
		for (int at = 0; at < count; at++)
			if (polled[at].revents != 0)
				answer(polled[at].fd, &all[at], at, token);
		char ignored[64];
		if (polled[count].revents != 0 && read(polled[count].fd, ignored, sizeof ignored) <= 0) {
			is_over = true;
			polled[count].fd = -1;
		}
	}
}

/* PROTOCOL ADDRESS PORT…: listens, and answers with a token that nobody can guess. */
int serve(int argc, char **argv)
{
	struct endpoint all[endpoint_max];
	struct pollfd polled[endpoint_max + 1];
	unsigned long long random;
	char token[32];
	const int count = (argc - 1) / 3;

	if (count > endpoint_max || (argc - 1) % 3 != 0)
		wrong(argv[0]);
	if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
		broken("getrandom");
	snprintf(token, sizeof token, "%016llx", random);
	fact("token", "%s", token);
	for (int at = 0; at < count; at++) {
		char name[32];
		all[at] = endpoint(argv + 1 + at * 3);
		polled[at] = (struct pollfd){listen_at(&all[at]), POLLIN, 0};
		snprintf(name, sizeof name, "listen-%d", at);
		if (polled[at].fd < 0)
			fact(name, "%s", errno_name(errno));
		else
			fact(name, "done %u", port_of(polled[at].fd));
	}
	polled[count] = (struct pollfd){STDIN_FILENO, POLLIN, 0};
	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		return 70;
	answer_all(polled, all, count, token);
	return done();
}

/* An echo request with the mark in it. The kernel sums up what a ping socket or ICMPv6 sends. */
static size_t echo_request(const struct endpoint *one, const char *text, unsigned char *packet)
{
	const size_t length = 8 + strlen(text);
	unsigned sum = 0;

	memset(packet, 0, 8);
	packet[0] = one->number == IPPROTO_ICMP ? 8 : 128;
	memcpy(packet + 8, text, strlen(text) + 1);
	for (size_t at = 0; at < length; at += 2)
		sum += (unsigned)packet[at] << 8 | (at + 1 < length ? packet[at + 1] : 0U);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = ~(sum + (sum >> 16)) & 0xffff;
	packet[2] = (unsigned char)(sum >> 8);
	packet[3] = (unsigned char)sum;
	return length;
}

/* Keeps what goes to many on this machine: interface lo, no hop. */
static void keep_local(int descriptor)
{
	const int yes = 1, no_hop = 0;
	const struct in_addr loopback = {htonl(INADDR_LOOPBACK)};

	setsockopt(descriptor, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
	setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback);
	setsockopt(descriptor, IPPROTO_IP, IP_MULTICAST_TTL, &no_hop, sizeof no_hop);
}

/* What came of an attempt: a word for it, and the call that ended it. */
struct trial {
	const char *word, *call;
};

static struct trial failed(const char *call)
{
	return (struct trial){errno_name(errno), call};
}

static struct trial talk(int descriptor, const struct endpoint *one, const char *text, int timeout)
{
	const bool is_stream = one->protocol->type == SOCK_STREAM;
	unsigned char packet[8 + sizeof mark + word_max];
	char bytes[64];

	/* Of datagrams, connect(2) only looks for the way: no packet is sent. */
	if (text == NULL)
		return (struct trial){is_stream ? "connected" : "routed", "connect"};
	const size_t length = is_echo(one) ? echo_request(one, text, packet) : strlen(text);
	const void *what = is_echo(one) ? (const void *)packet : text;
	if (send(descriptor, what, length, MSG_NOSIGNAL) < 0)
		return is_stream ? (struct trial){"connected", "send"} : failed("send");
	/* On this machine an ICMP error is there at once. An echo is answered by the kernel: whose, who knows? */
	if (is_echo(one) || !has_input(descriptor, is_stream ? timeout : 0))
		return (struct trial){is_stream ? "connected" : "sent", "recv"};
	const ssize_t got = recv(descriptor, bytes, sizeof bytes - 1, 0);
	if (got > 0)
		return (struct trial){"done", "recv"};
	return is_stream ? (struct trial){"connected", "recv"} : failed("recv");
}

static struct trial attempt(const struct endpoint *one, const char *text, int timeout)
{
	int descriptor = socket_of(one, one->protocol->type);

	/* Who may not ping may still be allowed a raw socket. */
	if (descriptor < 0 && is_echo(one)) {
		const int first = errno;
		descriptor = socket_of(one, SOCK_RAW);
		errno = first;
	}
	if (descriptor < 0)
		return failed("socket");
	if (one->device[0] != '\0' &&
	    setsockopt(descriptor, SOL_SOCKET, SO_BINDTODEVICE, one->device, sizeof one->device) < 0)
		return failed("setsockopt");
	if (one->address.any.sa_family == AF_INET)
		keep_local(descriptor);
	int error = connect(descriptor, &one->address.any, one->length) < 0 ? errno : 0;
	if (error == EINPROGRESS) {
		struct pollfd waiting = {descriptor, POLLOUT, 0};
		socklen_t length = sizeof error;
		if (poll(&waiting, 1, timeout) != 1)
			error = ETIMEDOUT;
		else if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) < 0)
			return failed("getsockopt");
	}
	struct trial trial;
	errno = error;
	trial = error != 0 ? failed("connect") : talk(descriptor, one, text, timeout);
	close(descriptor);
	return trial;
}

/* WORD MS PROTOCOL ADDRESS PORT…: asks servers; with the word `-`, it connects and sends nothing. */
int reach(int argc, char **argv)
{
	char text[sizeof mark + word_max];
	const bool is_silent = strcmp(argv[1], "-") == 0;
	const int timeout = (int)number(argv[2]);

	if ((argc - 3) % 3 != 0 || strlen(argv[1]) >= word_max)
		wrong(argv[0]);
	snprintf(text, sizeof text, "%s%s", mark, argv[1]);
	for (int at = 0; at < (argc - 3) / 3; at++) {
		char name[32];
		const struct endpoint one = endpoint(argv + 3 + at * 3);
		const struct trial trial = attempt(&one, is_silent ? NULL : text, timeout);
		snprintf(name, sizeof name, "target-%d", at);
		fact(name, "%s %s", trial.word, trial.call);
	}
	return done();
}
