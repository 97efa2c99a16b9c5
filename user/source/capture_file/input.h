/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The octets of a capture file, a pipe or standard input: read in large pieces, and unpacked if the
 * file is compressed. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_INPUT_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "source/source.h"
#include "source/unpack/unpack.h"

/* The most octets that input_need() can provide. */
#define INPUT_NEED_MAX ((size_t)16 << 20)

enum input_status {
    INPUT_DONE,
    INPUT_END,   /* of the file; the octets that are left are fewer than needed */
    INPUT_WAITS, /* the writer of the file has written no more, and the caller did not want to wait
                  */
    INPUT_INTERRUPTED, /* a signal came while it waited */
    INPUT_DAMAGED,     /* the compressed data are damaged; what comes before was unpacked */
    INPUT_FAILED,      /* the file cannot be read, or there is no memory */
};

/* The number of first octets that tell whether a file was written over: they have the time of the
 * first packet. */
#define INPUT_BEGINNING_OCTETS 64

struct blocks;

struct input {
    unsigned char *buffer;
    size_t capacity;
    size_t start;    /* the unread octets are from here */
    size_t end;      /* to here */
    uint64_t offset; /* of `start` in the unpacked file */

    int fd;
    int may_wait;        /* not a regular file: the next octet may take a long time */
    int follows;         /* the file grows: its end is not the end */
    int is_complete;     /* a growing file: its writer has finished it */
    int is_stale;        /* a growing file was written over: the rest of it is gone */
    int at_end;          /* of the file itself */
    int failure;         /* errno of a failed read, or 0 */
    uint64_t raw_octets; /* of the file itself that were read */

    int may_read_ahead;    /* set by the owner: a thread may read the file ahead */
    struct blocks *blocks; /* that does; `buffer` is in its memory; NULL: none */
    unsigned char *own;    /* with `blocks`: the buffer of the input itself */

    unsigned char beginning[INPUT_BEGINNING_OCTETS]; /* of a file that grows */
    size_t beginning_octets;

    struct unpacker unpacker; /* format is NULL when the file is not compressed */
    unsigned char *packed;    /* octets of the file that are not unpacked yet */
    size_t packed_start;
    size_t packed_end;
};

/* Opens PATH ("-": standard input), and waits for its first octet. FOLLOWS: the file is still being
 * written, so its end is not the end of the input. Returns as source_ops.open() does, with ERROR
 * set for OPEN_FAILED. */
enum open_status input_open(struct input *input, const char *path, int follows,
                            struct error *error);
/* Closes the file of INPUT and frees its buffers. */
void input_close(struct input *input);

/* Fills the buffer until COUNT octets, at most INPUT_NEED_MAX, are unread. WAIT: 0 to return
 * INPUT_WAITS where the next octet has not arrived. Returns INPUT_DONE, or why there are fewer. */
enum input_status input_fill(struct input *input, size_t count, int wait);

/* As input_fill(), but costs nothing when the octets are in the buffer. */
static inline enum input_status input_need(struct input *input, size_t count, int wait)
{
    return input->end - input->start >= count ? INPUT_DONE : input_fill(input, count, wait);
}

/* The unread octets, of which input_need() provided some. Valid until the next input_need(). */
static inline unsigned char *input_data(struct input *input)
{
    return input->buffer + input->start;
}

/* Moves past COUNT octets that input_need() provided. */
static inline void input_take(struct input *input, size_t count)
{
    input->start += count;
    input->offset += count;
}

/* Moves past COUNT octets, or, without INPUT_DONE, as many of them as there are. */
enum input_status input_skip(struct input *input, uint64_t count, int wait);

/* STATUS in words, for messages. */
const char *input_problem(const struct input *input, enum input_status status);

/* When the file of INPUT was last written to, in nanoseconds since 1970; 0: not known. */
uint64_t input_written_ns(const struct input *input);

/* The size of the file of INPUT in octets, before unpacking; 0 where that is unknown. */
uint64_t input_size(const struct input *input);

#endif
