/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Zstandard, RFC 8878, with libzstd. */
#include "source/unpack/unpack.h"

#if defined(GAPWATCH_ZSTD)
#include <zstd.h>

/* Reads files with windows of at most 128 MB, which is what the zstd program reads without
 * --long. */
static void *open_zstd(void)
{
    return ZSTD_createDStream();
}

static enum unpack_status zstd_step(void *state, struct unpack_io *io)
{
    ZSTD_inBuffer in = {.src = io->in, .size = io->in_count};
    ZSTD_outBuffer out = {.dst = io->out, .size = io->out_count};
    size_t status = ZSTD_decompressStream(state, &out, &in);

    io->in += in.pos;
    io->in_count -= in.pos;
    io->out += out.pos;
    io->out_count -= out.pos;
    if (ZSTD_isError(status))
        return UNPACK_FAILED;
    return status == 0 ? UNPACK_MEMBER_END : UNPACK_MORE;
}

static void zstd_close(void *state)
{
    ZSTD_freeDStream(state);
}
#endif

const struct unpack_format unpack_zstd = {
    .name = "zstd",
    .magic = "\x28\xb5\x2f\xfd",
    .magic_octets = 4,
    .has_skippable = 1,
#if defined(GAPWATCH_ZSTD)
    .open = open_zstd,
    .step = zstd_step,
    .close = zstd_close,
#endif
};
