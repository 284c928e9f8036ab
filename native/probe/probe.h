/* What the actions of jailctl-probe share. Each group of actions is a file of its own. */
#ifndef PROBE_H
#define PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Something that an attacker would try. It gets its own name as argv[0]. */
struct action {
	const char *name;
	const char *arguments; /* for the usage: "PATH [FLAG...]" */
	int least, most;       /* how many arguments; most < 0: any number */
	int (*run)(int argc, char **argv);
};

/* Ends with an action without a name. */
extern const struct action file_actions[];
extern const struct action process_actions[];
extern const struct action network_actions[];
extern const struct action privilege_actions[];
extern const struct action resource_actions[];
extern const struct action leak_actions[];
extern const struct action terminal_actions[];

/* Says `NAME VALUE` on a line of its own, at once. Control characters of the value become '?'. */
void fact(const char *name, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The last word of an action: it worked. */
int done(void);

/* The last word of an action: errno refused it, at this call. */
int refused(const char *call);

/* The last word of an action, in a word of its own. */
int outcome(const char *word);

/* `EPERM`; a number for one without a name. */
const char *errno_name(int number);

/* Says `ready`, and returns when the standard input is at its end. */
void wait_until_told_to_end(void);

/* A number in decimal, octal (0…) or hexadecimal (0x…). Exits with 64 when it is none. */
long long number(const char *text);

/* util.c: a path that nobody else has: `DIRECTORY/.jailctl-probe-0123456789abcdef`. */
void name_of_own(char *path, size_t size, const char *directory);

/* An address of AF_UNIX: of a path, or, abstract, of a name that is none (unix(7)). Gives its length. */
socklen_t local_address(struct sockaddr_un *address, const char *name, bool is_abstract);

/* True in a new child; then false in its parent, once the child has ended. */
bool go_on_as_child(void);

/* Exits with 70: not the layers, but the probe itself failed. */
_Noreturn void broken(const char *what);

#endif
