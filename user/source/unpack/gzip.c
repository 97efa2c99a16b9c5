/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* gzip, RFC 1952, with zlib. */
#include <stdlib.h>
#include <zlib.h>

#include "source/unpack/unpack.h"

#define WINDOW_BITS (15 + 16) /* the largest window; 16: gzip format instead of zlib's */

static void *gzip_open(void)
{
    z_stream *inflater = calloc(1, sizeof(*inflater));

    if (inflater && inflateInit2(inflater, WINDOW_BITS) != Z_OK) {
        free(inflater);
        inflater = NULL;
    }
    return inflater;
}

static enum unpack_status gzip_step(void *state, struct unpack_io *io)
{
    z_stream *inflater = state;
    int status;

    inflater->next_in = (Bytef *)io->in;
    inflater->avail_in = (uInt)io->in_count;
    inflater->next_out = io->out;
    inflater->avail_out = (uInt)io->out_count;
    status = inflate(inflater, Z_NO_FLUSH);
    io->in = inflater->next_in;
    io->in_count = inflater->avail_in;
    io->out = inflater->next_out;
    io->out_count = inflater->avail_out;
    if (status == Z_STREAM_END)
        return UNPACK_MEMBER_END;
    return status == Z_OK || status == Z_BUF_ERROR ? UNPACK_MORE : UNPACK_FAILED;
}

static int gzip_begin_member(void *state)
{
    return inflateReset(state) == Z_OK ? 0 : -1;
}

static void gzip_close(void *state)
{
    inflateEnd(state);
    free(state);
}

const struct unpack_format unpack_gzip = {
    .name = "gzip",
    .magic = "\x1f\x8b",
    .magic_octets = 2,
    .open = gzip_open,
    .step = gzip_step,
    .begin_member = gzip_begin_member,
    .close = gzip_close,
};
