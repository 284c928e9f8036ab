/* The actions on processes, by the file that they are in; processes.c has their table. */
#ifndef PROCESSES_H
#define PROCESSES_H

/* processes-trace.c: reads and steers other processes. */
int victim(int argc, char **argv);
int meddle(int argc, char **argv);

/* processes-linger.c: stays when it should have gone. */
int start_daemon(int argc, char **argv);
int linger(int argc, char **argv);
int outlive(int argc, char **argv);
int leave_orphans(int argc, char **argv);

/* processes-rights.c: takes more of the machine than it was given. */
int tell_limits(int argc, char **argv);
int set_limits(int argc, char **argv);
int set_oom_score(int argc, char **argv);
int raise_priority(int argc, char **argv);
int become_real_time(int argc, char **argv);
int raise_io_priority(int argc, char **argv);
int use_processors(int argc, char **argv);
int open_cgroups(int argc, char **argv);

#endif
