/* What the actions about files share. */
#ifndef FILES_H
#define FILES_H

#include "probe.h"

#include <sys/stat.h>
#include <sys/types.h>

/* Room for what `name_of_own` adds to a directory. */
enum { own_name_size = 64 };

/*
 * Could a file be opened for writing but that its program runs? CVE-2019-5736 waits for its end. The
 * kernel says ETXTBSY before it looks whether the mount is read-only; then errno becomes EROFS.
 */
bool is_only_busy(const char *path);

/* One entry of a tree; its name is in the directory that is open as `parent`. */
struct entry {
	int parent;
	const char *name;
	const char *path; /* for a person */
	struct stat stat;
};

/* What a walk has come to. */
struct walk {
	long entries;
	bool is_cut; /* it did not see all: too many, too deep, or too long */
};

/*
 * Visits a directory and all below, by descriptor, so that nobody can turn it; follows no link.
 * Not below what is in `skipped`, which ends with NULL. Bounded in entries, depth and time.
 */
struct walk walk(const char *root, char *const *skipped, bool one_file_system,
                 void (*visit)(const struct entry *, void *), void *data);

/* files-tree.c: the attempts on all files of a jail. */
int try_tree(int argc, char **argv);
int open_devices(int argc, char **argv);

/* files-audit.c */
int audit(int argc, char **argv);
int plant_specimens(int argc, char **argv);

/* files-pass.c: descriptors. */
int offer_directory(int argc, char **argv);
int take_directory(int argc, char **argv);
int hand_over(int argc, char **argv);
int list_descriptors(int argc, char **argv);
int leak_directory(int argc, char **argv);
int working_directory(int argc, char **argv);

/* files-kernel.c: what only root may ask the kernel for. */
int mount_call(int argc, char **argv);
int make_device(int argc, char **argv);
int open_made_devices(int argc, char **argv);
int escape_by_chroot(int argc, char **argv);
int open_by_handle(int argc, char **argv);

/* Says the beginning of a file that is open, as the fact `text`, and that it worked. */
int say_text(int descriptor);

#endif
