/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* bzip2, with libbz2. */
#include "source/unpack/unpack.h"

#if defined(GAPWATCH_BZIP2)
#include <bzlib.h>
#include <stdlib.h>
#include <string.h>

static void *bzip2_open(void)
{
    bz_stream *stream = calloc(1, sizeof(*stream));

    if (stream && BZ2_bzDecompressInit(stream, 0, 0) != BZ_OK) {
        free(stream);
        stream = NULL;
    }
    return stream;
}

static enum unpack_status bzip2_step(void *state, struct unpack_io *io)
{
    bz_stream *stream = state;
    int status;

    stream->next_in = (char *)io->in;
    stream->avail_in = (unsigned)io->in_count;
    stream->next_out = (char *)io->out;
    stream->avail_out = (unsigned)io->out_count;
    status = BZ2_bzDecompress(stream);
    io->in = (const unsigned char *)stream->next_in;
    io->in_count = stream->avail_in;
    io->out = (unsigned char *)stream->next_out;
    io->out_count = stream->avail_out;
    if (status == BZ_STREAM_END)
        return UNPACK_MEMBER_END;
    return status == BZ_OK ? UNPACK_MORE : UNPACK_FAILED;
}

static int bzip2_begin_member(void *state)
{
    BZ2_bzDecompressEnd(state);
    memset(state, 0, sizeof(bz_stream));
    return BZ2_bzDecompressInit(state, 0, 0) == BZ_OK ? 0 : -1;
}

static void bzip2_close(void *state)
{
    BZ2_bzDecompressEnd(state);
    free(state);
}
#endif

const struct unpack_format unpack_bzip2 = {
    .name = "bzip2",
    .magic = "BZh",
    .magic_octets = 3,
#if defined(GAPWATCH_BZIP2)
    .open = bzip2_open,
    .step = bzip2_step,
    .begin_member = bzip2_begin_member,
    .close = bzip2_close,
#endif
};
