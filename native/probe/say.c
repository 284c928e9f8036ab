/* How the probe speaks: lines of facts, and an outcome. */
#define _GNU_SOURCE
#include "probe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	int number;
	const char *name;
} names[] = {
#define NAME(error) {error, #error}
	NAME(EPERM), NAME(ENOENT), NAME(ESRCH), NAME(EINTR), NAME(EIO), NAME(ENXIO), NAME(E2BIG),
	NAME(ENOEXEC), NAME(EBADF), NAME(ECHILD), NAME(EAGAIN), NAME(ENOMEM), NAME(EACCES),
	NAME(EFAULT), NAME(ENOTBLK), NAME(EBUSY), NAME(EEXIST), NAME(EXDEV), NAME(ENODEV),
	NAME(ENOTDIR), NAME(EISDIR), NAME(EINVAL), NAME(ENFILE), NAME(EMFILE), NAME(ENOTTY),
	NAME(ETXTBSY), NAME(EFBIG), NAME(ENOSPC), NAME(ESPIPE), NAME(EROFS), NAME(EMLINK),
	NAME(EPIPE), NAME(EDOM), NAME(ERANGE), NAME(EDEADLK), NAME(ENAMETOOLONG), NAME(ENOLCK),
	NAME(ENOSYS), NAME(ENOTEMPTY), NAME(ELOOP), NAME(ENOMSG), NAME(EIDRM), NAME(ENODATA),
	NAME(EOVERFLOW), NAME(EUSERS), NAME(ENOTSOCK), NAME(EDESTADDRREQ), NAME(EMSGSIZE),
	NAME(EPROTOTYPE), NAME(ENOPROTOOPT), NAME(EPROTONOSUPPORT), NAME(ESOCKTNOSUPPORT),
	NAME(EOPNOTSUPP), NAME(EPFNOSUPPORT), NAME(EAFNOSUPPORT), NAME(EADDRINUSE),
	NAME(EADDRNOTAVAIL), NAME(ENETDOWN), NAME(ENETUNREACH), NAME(ENETRESET),
	NAME(ECONNABORTED), NAME(ECONNRESET), NAME(ENOBUFS), NAME(EISCONN), NAME(ENOTCONN),
	NAME(ETIMEDOUT), NAME(ECONNREFUSED), NAME(EHOSTDOWN), NAME(EHOSTUNREACH), NAME(EALREADY),
	NAME(EINPROGRESS), NAME(ESTALE), NAME(EDQUOT), NAME(ENOKEY), NAME(EKEYEXPIRED),
	NAME(EKEYREVOKED), NAME(EKEYREJECTED), NAME(ECANCELED),
#undef NAME
};

const char *errno_name(int number)
{
	static char text[16];

	for (size_t at = 0; at < sizeof names / sizeof *names; at++)
		if (names[at].number == number)
			return names[at].name;
	snprintf(text, sizeof text, "%d", number);
	return text;
}

/* One write(2) a line: two processes of an action never mix theirs. */
void fact(const char *name, const char *format, ...)
{
	char line[4096];
	va_list arguments;
	const int start = snprintf(line, 256, "%s ", name);

	va_start(arguments, format);
	vsnprintf(line + start, sizeof line - 1 - (size_t)start, format, arguments);
	va_end(arguments);
	size_t length = strlen(line);
	for (size_t at = 0; at < length; at++)
		if ((unsigned char)line[at] < ' ' || line[at] == 127)
			line[at] = '?';
	line[length++] = '\n';
	for (size_t written = 0; written < length;) {
		const ssize_t count = write(STDOUT_FILENO, line + written, length - written);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			exit(70);
		written += (size_t)count;
	}
}

int outcome(const char *word)
{
	fact("outcome", "%s", word);
	return 0;
}

int done(void)
{
	return outcome("done");
}

int refused(const char *call)
{
	const int number = errno;

	fact("call", "%s", call);
	return outcome(errno_name(number));
}

void wait_until_told_to_end(void)
{
	char ignored[512];

	if (write(STDOUT_FILENO, "ready\n", 6) != 6)
		exit(70);
	for (;;) {
		const ssize_t count = read(STDIN_FILENO, ignored, sizeof ignored);
		if (count == 0 || (count < 0 && errno != EINTR))
			return;
	}
}

long long number(const char *text)
{
	char *end;
	const long long value = strtoll(text, &end, 0);

	if (*text != '\0' && *end == '\0')
		return value;
	fprintf(stderr, "jailctl-probe: not a number: %s\n", text);
	exit(64);
}

void broken(const char *what)
{
	fprintf(stderr, "jailctl-probe: %s: %s\n", what, strerror(errno));
	exit(70);
}
