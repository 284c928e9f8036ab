/* Where something listens or is sought: a protocol, an address and a port, or a path. */
#define _GNU_SOURCE
#include "network.h"
#include "probe.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { protocol_sctp = 132, protocol_mptcp = 262 };

static const struct protocol protocols[] = {
	{"tcp", SOCK_STREAM, IPPROTO_TCP, IPPROTO_TCP},
	{"udp", SOCK_DGRAM, IPPROTO_UDP, IPPROTO_UDP},
	{"udplite", SOCK_DGRAM, IPPROTO_UDPLITE, IPPROTO_UDPLITE},
	{"sctp", SOCK_STREAM, protocol_sctp, protocol_sctp},
	{"mptcp", SOCK_STREAM, protocol_mptcp, protocol_mptcp},
	{"icmp", SOCK_DGRAM, IPPROTO_ICMP, IPPROTO_ICMPV6},
	{"unix", SOCK_STREAM, 0, 0},
	{"abstract", SOCK_STREAM, 0, 0},
};

_Noreturn void wrong(const char *what)
{
	fprintf(stderr, "jailctl-probe: what is %s?\n", what);
	exit(64);
}

bool is_local(const struct endpoint *one)
{
	return one->address.any.sa_family == AF_UNIX;
}

bool is_echo(const struct endpoint *one)
{
	return one->number == IPPROTO_ICMP || one->number == IPPROTO_ICMPV6;
}

/* `ADDRESS` or `ADDRESS%INTERFACE`; the interface by its name or number. */
static void set_internet(struct endpoint *one, const char *text, const char *port)
{
	char address[INET6_ADDRSTRLEN + IF_NAMESIZE + 1];

	snprintf(address, sizeof address, "%s", text);
	char *scope = strchr(address, '%');
	if (scope != NULL)
		*scope++ = '\0';
	const uint16_t at = htons((uint16_t)number(port));
	if (inet_pton(AF_INET, address, &one->address.inet.sin_addr) == 1) {
		one->address.inet.sin_family = AF_INET;
		one->address.inet.sin_port = at;
		one->length = sizeof one->address.inet;
		one->number = one->protocol->inet;
		snprintf(one->device, sizeof one->device, "%s", scope == NULL ? "" : scope);
		return;
	}
	if (inet_pton(AF_INET6, address, &one->address.inet6.sin6_addr) != 1)
		wrong(text);
	one->address.inet6.sin6_family = AF_INET6;
	one->address.inet6.sin6_port = at;
	one->length = sizeof one->address.inet6;
	one->number = one->protocol->inet6;
	if (scope == NULL)
		return;
	if (!IN6_IS_ADDR_LINKLOCAL(&one->address.inet6.sin6_addr)) {
		snprintf(one->device, sizeof one->device, "%s", scope);
		return;
	}
	const unsigned index = if_nametoindex(scope);
	one->address.inet6.sin6_scope_id = index == 0 ? (unsigned)number(scope) : index;
}

struct endpoint endpoint(char **argv)
{
	struct endpoint one = {0};

	for (size_t at = 0; at < sizeof protocols / sizeof *protocols; at++)
		if (strcmp(protocols[at].name, argv[0]) == 0)
			one.protocol = &protocols[at];
	if (one.protocol == NULL)
		wrong(argv[0]);
	if (one.protocol->type == SOCK_STREAM && one.protocol->inet == 0)
		one.length = local_address(&one.address.local, argv[1],
					   strcmp(argv[0], "abstract") == 0);
	else
		set_internet(&one, argv[1], argv[2]);
	return one;
}

int socket_of(const struct endpoint *one, int type)
{
	return socket(one->address.any.sa_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, one->number);
}
