/* Network: what can be reached, what sockets can be made, what can be changed. */
#define _GNU_SOURCE
#include "network.h"
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <net/route.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Says the addresses of the interfaces that are up: `address-0 lo 1 127.0.0.1`. */
static int addresses(int argc, char **argv)
{
	struct ifaddrs *all;
	int count = 0;

	(void)argc;
	(void)argv;
	if (getifaddrs(&all) < 0)
		return refused("getifaddrs");
	for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) {
		char text[INET6_ADDRSTRLEN], name[32];
		if (one->ifa_addr == NULL || !(one->ifa_flags & IFF_UP))
			continue;
		const int family = one->ifa_addr->sa_family;
		const void *address = family == AF_INET
			? (const void *)&((const struct sockaddr_in *)(const void *)one->ifa_addr)->sin_addr
			: &((const struct sockaddr_in6 *)(const void *)one->ifa_addr)->sin6_addr;
		if ((family != AF_INET && family != AF_INET6) ||
		    inet_ntop(family, address, text, sizeof text) == NULL)
			continue;
		snprintf(name, sizeof name, "address-%d", count++);
		fact(name, "%s %u %s", one->ifa_name, if_nametoindex(one->ifa_name), text);
	}
	freeifaddrs(all);
	return done();
}

/* FAMILY TYPE PROTOCOL…: makes sockets, and says of each how it came out. */
static int sockets(int argc, char **argv)
{
	if ((argc - 1) % 3 != 0)
		return 64;
	for (int at = 1; at < argc; at += 3) {
		char name[32];
		const int descriptor =
			socket((int)number(argv[at]), (int)number(argv[at + 1]), (int)number(argv[at + 2]));
		snprintf(name, sizeof name, "socket-%d", at / 3);
		fact(name, "%s", descriptor < 0 ? errno_name(errno) : "done");
		if (descriptor >= 0)
			close(descriptor);
	}
	return done();
}

/*
 * A ring takes its calls from memory, where no filter sees them: IORING_OP_SOCKET is a socket(2) that
 * passes the rules for socket(2) by.
 */
static int io_uring(int argc, char **argv)
{
	/* struct io_uring_params, all zero. */
	char parameters[120] = {0};

	(void)argc;
	(void)argv;
	const long descriptor = syscall(SYS_io_uring_setup, 1, parameters);
	if (descriptor < 0)
		return refused("io_uring_setup");
	close((int)descriptor);
	return done();
}

/* rtnetlink(7), with the numbers of linux/rtnetlink.h, which not every C library comes with. */
enum { rtm_newaddr = 20, rtm_deladdr = 21, nlmsg_error = 2, ifa_local = 2, scope_host = 254 };
enum { flag_request = 1, flag_ack = 4, flag_create = 0x400 };

struct address_request {
	uint32_t length;
	uint16_t type, flags;
	uint32_t sequence, port;
	uint8_t family, prefix, address_flags, scope;
	uint32_t index;
	uint16_t attribute_length, attribute;
	uint32_t address;
};

/* Adds an IPv4 address to the loopback interface, or takes it away. */
static int change_address(int descriptor, uint16_t type, uint32_t address)
{
	struct {
		uint32_t length;
		uint16_t type, flags;
		uint32_t sequence, port;
		int32_t error;
		char rest[256];
	} reply;
	const struct address_request request = {
		.length = sizeof request,
		.type = type,
		.flags = flag_request | flag_ack | (type == rtm_newaddr ? flag_create : 0),
		.family = AF_INET,
		.prefix = 32,
		.scope = scope_host,
		.index = if_nametoindex("lo"),
		.attribute_length = 8,
		.attribute = ifa_local,
		.address = address,
	};

	if (send(descriptor, &request, sizeof request, 0) < 0 ||
	    recv(descriptor, &reply, sizeof reply, 0) < 0)
		return -1;
	errno = reply.type == nlmsg_error ? -reply.error : EPROTO;
	return errno == 0 ? 0 : -1;
}

/* A route that refuses what is sent to an address of no use (RFC 5737). */
static int change_route(int descriptor, unsigned long request)
{
	struct rtentry route = {.rt_flags = RTF_UP | RTF_HOST | RTF_REJECT};
	struct sockaddr_in to = {.sin_family = AF_INET};

	inet_pton(AF_INET, "203.0.113.77", &to.sin_addr);
	memcpy(&route.rt_dst, &to, sizeof to);
	return ioctl(descriptor, request, &route);
}

/* Changes what the kernel knows of the network, and undoes it at once. */
static int network_change(int argc, char **argv)
{
	struct in_addr address;

	(void)argc;
	(void)argv;
	inet_pton(AF_INET, "198.51.100.77", &address);
	const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (netlink < 0) {
		fact("address", "%s socket", errno_name(errno));
	} else if (change_address(netlink, rtm_newaddr, address.s_addr) < 0) {
		fact("address", "%s RTM_NEWADDR", errno_name(errno));
	} else {
		fact("address", "done RTM_NEWADDR");
		change_address(netlink, rtm_deladdr, address.s_addr);
	}
	const int internet = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (internet < 0) {
		fact("route", "%s socket", errno_name(errno));
	} else if (change_route(internet, SIOCADDRT) < 0) {
		fact("route", "%s SIOCADDRT", errno_name(errno));
	} else {
		fact("route", "done SIOCADDRT");
		change_route(internet, SIOCDELRT);
	}
	return done();
}

/* Gives the loopback interface an address, listens there, and connects. */
static int own_address(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80)};
	struct ifreq interface = {.ifr_name = "lo"};

	(void)argc;
	if (inet_pton(AF_INET, argv[1], &address.sin_addr) != 1)
		return 64;
	const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (netlink < 0 || server < 0 || client < 0)
		return refused("socket");
	interface.ifr_flags = IFF_UP | IFF_LOOPBACK;
	if (ioctl(server, SIOCSIFFLAGS, &interface) < 0)
		return refused("SIOCSIFFLAGS");
	if (change_address(netlink, rtm_newaddr, address.sin_addr.s_addr) < 0)
		return refused("RTM_NEWADDR");
	if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0)
		return refused("listen");
	if (connect(client, (struct sockaddr *)&address, sizeof address) < 0)
		return refused("connect");
	return done();
}

static bool holds(int descriptor, const char *text)
{
	char bytes[65536];
	size_t kept = 0;
	const size_t overlap = strlen(text) - 1;

	for (;;) {
		const ssize_t length = read(descriptor, bytes + kept, sizeof bytes - kept);
		if (length <= 0)
			return false;
		const size_t all = kept + (size_t)length;
		if (memmem(bytes, all, text, strlen(text)) != NULL)
			return true;
		kept = all < overlap ? all : overlap;
		memmove(bytes, bytes + all - kept, kept);
	}
}

/* TEXT PATH: `done` when it is in the file, `absent` when it is not. */
static int find_text(int argc, char **argv)
{
	(void)argc;
	const int descriptor = open(argv[2], O_RDONLY | O_CLOEXEC);

	if (descriptor < 0)
		return refused("open");
	return argv[1][0] != '\0' && holds(descriptor, argv[1]) ? done() : outcome("absent");
}

const struct action network_actions[] = {
	{"addresses", "", 0, 0, addresses},
	{"serve", "PROTOCOL ADDRESS PORT...", 3, -1, serve},
	{"reach", "WORD MS PROTOCOL ADDRESS PORT...", 5, -1, reach},
	{"sockets", "FAMILY TYPE PROTOCOL...", 3, -1, sockets},
	{"io-uring", "", 0, 0, io_uring},
	{"network-change", "", 0, 0, network_change},
	{"own-address", "IPV4", 1, 1, own_address},
	{"find-text", "TEXT PATH", 2, 2, find_text},
	{NULL, NULL, 0, 0, NULL},
};
