/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A thread that reads a regular file ahead in large blocks, while the caller takes apart the block
 * before. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_BLOCKS_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_BLOCKS_H

#include <stddef.h>
#include <sys/types.h>

/* The most octets of one block that blocks_next() can put in front of the next one. A packet of a
 * pcap file with its header is shorter. */
#define BLOCKS_REST_MAX ((size_t)512 << 10)

struct blocks;

/* Reads as pread() does. */
typedef ssize_t blocks_reader(int fd, void *to, size_t count, off_t offset);

/* Whether there is a second processor for the thread. */
int blocks_would_help(void);

/* Starts to read FD, from OFFSET on, with READER, BLOCK_OCTETS at a time. FD stays the caller's,
 * and its position is not moved. Returns NULL without memory or a thread. */
struct blocks *blocks_start(blocks_reader *reader, int fd, off_t offset, size_t block_octets);

/* Moves on to the next block. *DATA are the caller's REST unread octets: the last ones of the block
 * before, or any others before the first block. Copies them in front of the new octets, and sets
 * *DATA to the copy. The block before is no longer valid. Returns the number of new octets.
 * Otherwise nothing changes: 0 at the end of the file; -1 with errno of a failed read, or EINTR
 * after an interrupt (base/interrupt.h). */
ssize_t blocks_next(struct blocks *blocks, unsigned char **data, size_t rest);

/* Ends the thread and frees BLOCKS. Returns the offset behind the octets that blocks_next() gave.
 */
off_t blocks_stop(struct blocks *blocks);

#endif
