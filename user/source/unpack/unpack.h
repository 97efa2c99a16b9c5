/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Unpacks compressed files, step by step. Formats are told by their content. */
#ifndef GAPWATCH_SOURCE_UNPACK_UNPACK_H
#define GAPWATCH_SOURCE_UNPACK_UNPACK_H

#include <stddef.h>
#include <stdint.h>

/* The first octets of a file that tell its format. */
#define UNPACK_HEAD_OCTETS 8

/* The most memory that unpacking may take, whatever the file asks for. */
#define UNPACK_MEMORY_MAX (256u << 20)

/* Packed octets to be read, and room for unpacked ones. Each step advances both. */
struct unpack_io {
    const unsigned char *in;
    size_t in_count;
    unsigned char *out;
    size_t out_count;
};

enum unpack_status {
    UNPACK_MORE,       /* call again, with more input or more room */
    UNPACK_MEMBER_END, /* a member (frame, stream) is complete; another may follow */
    UNPACK_FAILED,     /* the data are damaged, or there is no memory */
};

struct unpack_format {
    const char *name;
    const char *magic; /* its first octets */
    size_t magic_octets;
    int has_skippable; /* unpack_skippable() frames may stand in front of it */

    /* The members below are NULL when the program was built without the library. */
    void *(*open)(void); /* NULL: no memory */
    enum unpack_status (*step)(void *state, struct unpack_io *io);
    int (*begin_member)(void *state); /* called before each member but the first; -1: no memory */
    void (*close)(void *state);
};

struct unpacker {
    const struct unpack_format *format;
    void *state;
    int in_member; /* the file must not end here */
    int members;   /* members that are complete */
    int is_damaged;
};

/* The format of a file that begins with the COUNT octets of HEAD; NULL: it is not compressed, or
 * COUNT is too small to tell. */
const struct unpack_format *unpack_format_of(const unsigned char *head, size_t count);

/* zstd and lz4 files may contain skippable frames, also in front of the first compressed frame: RFC
 * 8878, 3.1.2. Returns the length in octets of the skippable frame that begins with the COUNT
 * octets of HEAD, or 0: there is none. */
uint64_t unpack_skippable(const unsigned char *head, size_t count);

/* Starts to unpack FORMAT. Returns 0, or -1 when there is no memory or FORMAT is not built in. */
int unpack_begin(struct unpacker *unpacker, const struct unpack_format *format);
/* Frees what UNPACKER holds. */
void unpack_end(struct unpacker *unpacker);

/* Unpacks as much of IO as possible. Returns 0 when it needs more input or more room, or -1 when
 * the data are damaged; octets unpacked before the damage are valid. */
int unpack_run(struct unpacker *unpacker, struct unpack_io *io);

extern const struct unpack_format unpack_gzip;
extern const struct unpack_format unpack_zstd;
extern const struct unpack_format unpack_xz;
extern const struct unpack_format unpack_lz4;
extern const struct unpack_format unpack_bzip2;

#endif
