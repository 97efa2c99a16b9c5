/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A file to which somebody writes, and the files that follow it when the writer goes on with
 * another one: `tcpdump -w` with -C, -G and -W, and `dumpcap -b`. The names of such files differ in
 * a number: at the end, or of at least two digits elsewhere. A file that begins anew under the same
 * name is recognised, too.
 */
#ifndef GAPWATCH_SOURCE_FILE_FOLLOW_H
#define GAPWATCH_SOURCE_FILE_FOLLOW_H

#include <stddef.h>
#include <stdint.h>

#include "source/capture_file/link_cache.h"

#define FOLLOW_HEAD_OCTETS 64

/* All zeros at first. */
struct follow {
    char *path;      /* the file that is read; NULL: the one that the user named */
    char *next;      /* with FOLLOW_NEXT_FILE: the file to go on with */
    uint64_t device; /* and what it was when it was opened */
    uint64_t inode;
    unsigned char head[FOLLOW_HEAD_OCTETS]; /* its first octets */
    size_t head_octets;
    char *successor;    /* the file to go on with, once the present one has been read to its end */
    uint64_t looked_ns; /* when its directory was looked at, on the monotonic clock */
};

enum follow_state {
    FOLLOW_SAME,      /* the file may still grow */
    FOLLOW_READ_ON,   /* there is another file: read this one to its end, and ask again */
    FOLLOW_NEXT_FILE, /* go on with another one, or the same from its beginning: follow_next() */
};

/* A file was opened as FD: remembers what it is. */
void follow_begin(struct follow *follow, int fd);

/* What to do at the end of PATH, which is open as FD, of which OCTETS were read, and whose last
 * frame has the timestamp LAST_NS. LINKS are for looking into other files. */
enum follow_state follow_look(struct follow *follow, const char *path, int fd, uint64_t octets,
                              uint64_t last_ns, struct link_cache *links);

/* After FOLLOW_NEXT_FILE, when PATH has been closed: the path of the file to go on with, which is
 * FOLLOW's. */
const char *follow_next(struct follow *follow);

/* Whether NAME may be the name of a file that the writer of the file OF writes after it. */
int follow_is_family(const char *name, const char *of);

void follow_release(struct follow *follow);

#endif
