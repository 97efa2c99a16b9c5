/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* One capture file, pcap or pcapng, and its frames. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_CAPTURE_FILE_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_CAPTURE_FILE_H

#include <stdint.h>

#include "base/error.h"
#include "outcome.h"
#include "source/capture_file/counters.h"
#include "source/capture_file/input.h"
#include "source/capture_file/link_cache.h"
#include "source/capture_file/said_losses.h"
#include "source/capture_file/stamp.h"

#define INTERFACE_NAME_CHARS 64

/* More interfaces of one file are damage. */
#define FILE_INTERFACES_MAX 65536

/* The most captured octets of a frame; libpcap has the same limit. */
#define FRAME_CAPTURED_MAX 262144

/* What an interface of a file has counted; a pcap file has one interface. */
struct file_interface {
    uint32_t number; /* in its section, from 0 */
    char name[INTERFACE_NAME_CHARS];
    uint32_t snap_length; /* 0: no limit */
    struct stamp_unit unit;
    const struct file_link *link;

    uint64_t frames; /* on the wire, before merging */
    uint64_t bytes;
    uint64_t outcomes[OUTCOME_COUNT];

    uint64_t records;       /* packet blocks so far */
    uint64_t last_ns;       /* time of the last frame, and of the last frame of the file when */
    uint64_t statistics_ns; /* its last statistics came: both set by the reader of the file */
    uint64_t said_lost;     /* the most that any of its statistics blocks reported */
    uint64_t noted_lost;    /* in front of its packets (epb_dropcount), in all */
    struct interface_counters counters;
    uint64_t counted_lost;  /* since the start of its capture, by its last statistics */
    uint64_t statistics_at; /* offset of its last statistics block, or of its description */
    unsigned origin;        /* base/origin.h; set by the reader of the file, with: */
    int has_origin;
};

/* The frames that the sensor has lost, according to the file. */
static inline uint64_t file_interface_lost(const struct file_interface *interface)
{
    return interface->said_lost > interface->noted_lost ? interface->said_lost
                                                        : interface->noted_lost;
}

struct file_frame {
    struct file_interface *interface;
    const unsigned char *data; /* valid until the next frame of the file */
    uint32_t captured;
    uint32_t length;   /* on the wire */
    uint64_t stamp_ns; /* with FILE_STATISTICS: start of the capture, 0 if it is not known */
    int has_stamp;
    uint64_t lost;  /* by the sensor since the interface's frame before, or between the statistics
                     * blocks */
    uint64_t since; /* with FILE_STATISTICS: offset since which they were lost */
};

enum file_status {
    FILE_NOTHING,    /* never of capture_file_next(): a part of the file that has no frame */
    FILE_FRAME,      /* the next frame */
    FILE_STATISTICS, /* an interface's statistics: more frames were lost since the last ones, or
                      * its counters began anew */
    FILE_END,        /* no more frames */
    FILE_WAITS, /* the next frame has not been written yet, and the caller did not want to wait, or
                   the file grows */
    FILE_INTERRUPTED, /* a signal came while it waited */
    FILE_DAMAGED,     /* damaged or cut; capture_file_problem() says how */
};

struct capture_file {
    const char *path;
    struct input input;
    struct link_cache *links;       /* not owned */
    const struct said_losses *said; /* of earlier files; NULL: there are none. Not owned */
    enum file_status (*next)(struct capture_file *file, struct file_frame *frame, int wait);

    int is_swapped; /* the other byte order than this machine's */
    struct file_interface **interfaces;
    uint32_t interface_count;
    uint64_t records; /* packets so far */
    char problem[128];
    int is_refused;    /* the problem is not damage */
    int is_recognised; /* set by capture_file_open(), also where it fails: it is a capture file */

    /* pcap */
    uint32_t ns_per_tick;
    uint32_t header_octets;   /* in front of each packet */
    unsigned swapped_lengths; /* enum swapped_lengths (pcap.c) */

    /* pcapng */
    int is_pcapng;
    uint32_t section; /* index of the first interface of this section */
    unsigned sections;
    uint64_t left_to_skip;      /* octets of a long block that are still to be skipped */
    uint64_t statistics_blocks; /* so far */
};

/* Closes the file; frees its interfaces. */
void capture_file_close(struct capture_file *file);

/* Reads up to the next frame or another event of enum file_status. FRAME is set with FILE_FRAME,
 * and with FILE_STATISTICS its interface, `stamp_ns`, `lost` and `since`. WAIT: 0 to return
 * FILE_WAITS where the next octet has not arrived. */
static inline enum file_status capture_file_next(struct capture_file *file,
                                                 struct file_frame *frame, int wait)
{
    return file->next(file, frame, wait);
}

/* Sets ERROR to the reason of FILE_DAMAGED, with the place. */
void capture_file_problem(const struct capture_file *file, struct error *error);

/* --- for the readers of the two formats --- */

/* Adds an interface of link type NUMBER. Returns NULL with ERROR set: too many, or no memory. */
struct file_interface *capture_file_add_interface(struct capture_file *file, uint32_t number,
                                                  struct error *error);

/* Waits for COUNT octets of the header of FILE. Returns INPUT_DONE, or why there are fewer. */
enum input_status capture_file_wait(struct capture_file *file, size_t count);

/* The status of FILE that follows from STATUS of its input, which is not INPUT_DONE. LEFT: the
 * number of unread octets; with 0 the file may end here. */
enum file_status capture_file_stopped(struct capture_file *file, enum input_status status,
                                      size_t left);

/* Sets the problem. Returns FILE_DAMAGED. */
enum file_status capture_file_damaged(struct capture_file *file, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* In the frame DATA of Linux's netfilter, of CAPTURED octets, brings the lengths of fields into
 * this machine's byte order, as libpcap does. */
void capture_file_swap_fields(unsigned char *data, uint32_t captured);

#endif
