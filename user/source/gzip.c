/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/gzip.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <zlib.h>

#define GZIP_FIRST_OCTET 0x1F
#define GZIP_WINDOW_BITS (15 + 16) /* the largest window; 16: gzip format instead of zlib's */
#define INPUT_OCTETS     65536

struct gzip {
    FILE *compressed;
    z_stream inflater;
    int in_member; /* inside a member, where the file must not end */
    unsigned char input[INPUT_OCTETS];
};

int gzip_detect(FILE *stream)
{
    int first = getc(stream);

    if (first == EOF)
        return 0;
    ungetc(first, stream);
    return first == GZIP_FIRST_OCTET;
}

/* Reads more input when all is used. Returns 1, 0 at the end of the file, or -1. */
static int gzip_fill(struct gzip *gzip)
{
    z_stream *inflater = &gzip->inflater;

    if (inflater->avail_in)
        return 1;
    inflater->next_in = gzip->input;
    inflater->avail_in = (uInt)fread(gzip->input, 1, sizeof(gzip->input), gzip->compressed);
    if (inflater->avail_in)
        return 1;
    return ferror(gzip->compressed) ? -1 : 0;
}

/* Unpacks some octets. Returns 1, 0 at the end of the data, or -1 when it is damaged or cut. */
static int gzip_step(struct gzip *gzip)
{
    int filled = gzip_fill(gzip);
    int status;

    if (filled <= 0)
        return filled < 0 || gzip->in_member ? -1 : 0;
    if (!gzip->in_member) {
        /* Tape drives and some tools add zeros behind the last member. */
        if (*gzip->inflater.next_in == 0) {
            gzip->inflater.next_in++;
            gzip->inflater.avail_in--;
            return 1;
        }
        inflateReset(&gzip->inflater);
        gzip->in_member = 1;
    }
    status = inflate(&gzip->inflater, Z_NO_FLUSH);
    if (status == Z_STREAM_END)
        gzip->in_member = 0;
    return status == Z_OK || status == Z_STREAM_END ? 1 : -1;
}

static ssize_t gzip_read(void *cookie, char *buffer, size_t size)
{
    struct gzip *gzip = cookie;
    z_stream *inflater = &gzip->inflater;

    inflater->next_out = (Bytef *)buffer;
    inflater->avail_out = (uInt)size;
    while (inflater->avail_out == size) {
        int stepped = gzip_step(gzip);

        if (stepped == 0)
            return 0;
        if (stepped < 0) {
            if (inflater->avail_out != size)
                break; /* return the good octets; the next call fails */
            errno = EIO;
            return -1;
        }
    }
    return (ssize_t)(size - inflater->avail_out);
}

static int gzip_close(void *cookie)
{
    struct gzip *gzip = cookie;

    inflateEnd(&gzip->inflater);
    free(gzip);
    return 0;
}

/* A stream with our own read function. Its constructor has different names in different C
 * libraries. */
#if defined(__linux__)
static FILE *stream_over(struct gzip *gzip)
{
    return fopencookie(gzip, "r", (cookie_io_functions_t){.read = gzip_read, .close = gzip_close});
}
#else
static int gzip_read_int(void *cookie, char *buffer, int size)
{
    return (int)gzip_read(cookie, buffer, (size_t)size);
}

static FILE *stream_over(struct gzip *gzip)
{
    return funopen(gzip, gzip_read_int, NULL, NULL, gzip_close);
}
#endif

FILE *gzip_open(FILE *compressed)
{
    struct gzip *gzip = calloc(1, sizeof(*gzip));
    FILE *stream;

    if (!gzip)
        return NULL;
    gzip->compressed = compressed;
    if (inflateInit2(&gzip->inflater, GZIP_WINDOW_BITS) != Z_OK) {
        free(gzip);
        return NULL;
    }
    stream = stream_over(gzip);
    if (!stream)
        gzip_close(gzip);
    return stream;
}
