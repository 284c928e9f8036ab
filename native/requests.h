#ifndef JAILCTL_REQUESTS_H
#define JAILCTL_REQUESTS_H

#include <stdbool.h>

/* The descriptors by which jailctl and process 1 of a run talk; see init.c. */
enum { status_fd = 3, lifeline_fd = 4 };

/* The exit code when jailctl ends it, or can't be understood. */
enum { exit_usage = 125 };

/* Tells jailctl a line: the word, and the number unless it is negative. */
void say(const char *word, long long number);

/*
 * Reads the request `end`, which is the only one that comes while a program runs. Returns false
 * when the lifeline ends, or something else comes.
 */
bool is_told_to_end(void);

/*
 * Does what jailctl asks for, until it says `go` (true) or the lifeline ends (false). To be called
 * while no other process is in the run: what it finds stays as it is.
 */
bool serve_requests(void);

#endif
