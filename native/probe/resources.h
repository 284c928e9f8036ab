/* What the files of the group `resources` share. */
#ifndef RESOURCES_H
#define RESOURCES_H

#include <sys/resource.h>

int fill_memory(int argc, char **argv);
int lock_memory(int argc, char **argv);

int fill_file(int argc, char **argv);
int hold_bytes(int argc, char **argv);
int make_files(int argc, char **argv);
int make_deep(int argc, char **argv);
int remove_left(int argc, char **argv);
int crash(int argc, char **argv);

int open_many(int argc, char **argv);
int queue_messages(int argc, char **argv);
int queue_signals(int argc, char **argv);
int make_timers(int argc, char **argv);

/* `raise`: as far up as it may; else a number, to which the soft limit is set. */
void set_limit(int limit, const char *how);

#endif
