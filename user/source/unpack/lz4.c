/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The LZ4 frame format, with liblz4. */
#include "source/unpack/unpack.h"

#if defined(GAPWATCH_LZ4)
#include <lz4frame.h>

static void *lz4_open(void)
{
    LZ4F_dctx *context;

    return LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) ? NULL : context;
}

static enum unpack_status lz4_step(void *state, struct unpack_io *io)
{
    size_t taken = io->in_count, made = io->out_count;
    size_t status = LZ4F_decompress(state, io->out, &made, io->in, &taken, NULL);

    if (LZ4F_isError(status))
        return UNPACK_FAILED;
    io->in += taken;
    io->in_count -= taken;
    io->out += made;
    io->out_count -= made;
    return status == 0 ? UNPACK_MEMBER_END : UNPACK_MORE;
}

static void lz4_close(void *state)
{
    LZ4F_freeDecompressionContext(state);
}
#endif

const struct unpack_format unpack_lz4 = {
    .name = "lz4",
    .magic = "\x04\x22\x4d\x18",
    .magic_octets = 4,
    .has_skippable = 1,
#if defined(GAPWATCH_LZ4)
    .open = lz4_open,
    .step = lz4_step,
    .close = lz4_close,
#endif
};
