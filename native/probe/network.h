/* What the actions of the network group share, and those that have a file of their own. */
#ifndef NETWORK_H
#define NETWORK_H

#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

struct protocol {
	const char *name;
	int type, inet, inet6; /* socket(2): the type, and the protocol in each family */
};

struct endpoint {
	const struct protocol *protocol;
	int number; /* of the protocol in its family */
	union {
		struct sockaddr any;
		struct sockaddr_in inet;
		struct sockaddr_in6 inet6;
		struct sockaddr_un local;
	} address;
	socklen_t length;
	char device[IF_NAMESIZE]; /* the interface to keep to */
};

/* Exits with 64: this argument is wrong. */
_Noreturn void wrong(const char *what);

/* Reads PROTOCOL ADDRESS PORT. */
struct endpoint endpoint(char **argv);

/* Is it a socket of AF_UNIX? */
bool is_local(const struct endpoint *one);

/* Is it of ICMP, in either family? */
bool is_echo(const struct endpoint *one);

/* A socket that fits, and that does not block. */
int socket_of(const struct endpoint *one, int type);

int serve(int argc, char **argv);
int reach(int argc, char **argv);

#endif
