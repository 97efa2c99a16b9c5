/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The .xz file format, with liblzma. */
#include "source/unpack/unpack.h"

#if defined(GAPWATCH_XZ)
#include <lzma.h>
#include <stdlib.h>

static int xz_begin_member(void *state)
{
    return lzma_stream_decoder(state, UNPACK_MEMORY_MAX, 0) == LZMA_OK ? 0 : -1;
}

static void *xz_open(void)
{
    lzma_stream *stream = calloc(1, sizeof(*stream));

    if (stream && xz_begin_member(stream) < 0) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static enum unpack_status xz_step(void *state, struct unpack_io *io)
{
    lzma_stream *stream = state;
    lzma_ret status;

    stream->next_in = io->in;
    stream->avail_in = io->in_count;
    stream->next_out = io->out;
    stream->avail_out = io->out_count;
    status = lzma_code(stream, LZMA_RUN);
    io->in = stream->next_in;
    io->in_count = stream->avail_in;
    io->out = stream->next_out;
    io->out_count = stream->avail_out;
    if (status == LZMA_STREAM_END)
        return UNPACK_MEMBER_END;
    return status == LZMA_OK || status == LZMA_BUF_ERROR ? UNPACK_MORE : UNPACK_FAILED;
}

static void xz_close(void *state)
{
    lzma_end(state);
    free(state);
}
#endif

const struct unpack_format unpack_xz = {
    .name = "xz",
    .magic = "\xfd"
             "7zXZ\0",
    .magic_octets = 6,
#if defined(GAPWATCH_XZ)
    .open = xz_open,
    .step = xz_step,
    .begin_member = xz_begin_member,
    .close = xz_close,
#endif
};
