/* What the files of the group `privilege` share. */
#ifndef PRIVILEGE_H
#define PRIVILEGE_H

/* Makes system calls by their names (privilege-calls.c). */
int make_calls(int argc, char **argv);

#endif
