/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/unpack/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "unit.h"

enum { LENGTH = 300000, PIECE = 1000 }; /* several input and output buffers */

static unsigned char plain[LENGTH];
static unsigned char packed[2 * LENGTH];

static int make_plain(void **state)
{
    (void)state;
    srand(1);
    for (size_t i = 0; i < LENGTH; i++)
        plain[i] = (unsigned char)(rand() % 64); /* compresses only a little */
    return 0;
}

/* Packs COUNT octets of `plain` from FROM on as one gzip member at TO. Returns its length. */
static size_t pack(size_t from, size_t count, unsigned char *to)
{
    z_stream deflater = {0};

    assert_int_equal(deflateInit2(&deflater, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    deflater.next_in = plain + from;
    deflater.avail_in = (uInt)count;
    deflater.next_out = to;
    deflater.avail_out = (uInt)(packed + sizeof(packed) - to);
    assert_int_equal(deflate(&deflater, Z_FINISH), Z_STREAM_END);
    deflateEnd(&deflater);
    return deflater.total_out;
}

/* Unpacks SIZE octets of `packed`, a few at a time. Returns the number of correct octets; *FAILED
 * is set when the data are damaged or cut. */
static size_t unpack(size_t size, int *failed)
{
    static unsigned char out[LENGTH + 1];
    const struct unpack_format *format = unpack_format_of(packed, size);
    struct unpack_io io = {.in = packed, .out = out, .out_count = sizeof(out)};
    const unsigned char *end = packed + size;
    struct unpacker unpacker;

    assert_non_null(format);
    assert_int_equal(unpack_begin(&unpacker, format), 0);
    *failed = 0;
    while (!*failed && io.in < end) {
        io.in_count = (size_t)(end - io.in) < PIECE ? (size_t)(end - io.in) : PIECE;
        *failed = unpack_run(&unpacker, &io) < 0;
    }
    *failed |= unpacker.in_member;
    unpack_end(&unpacker);
    assert_true(io.out - out <= LENGTH);
    assert_memory_equal(out, plain, io.out - out);
    return (size_t)(io.out - out);
}

static void unpacks_one_member(void **state)
{
    int failed;

    (void)state;
    assert_int_equal(unpack(pack(0, LENGTH, packed), &failed), LENGTH);
    assert_false(failed);
}

static void members_follow_each_other_and_padding(void **state)
{
    size_t size = pack(0, 1000, packed);
    int failed;

    (void)state;
    size += pack(1000, 0, packed + size); /* an empty member */
    size += pack(1000, LENGTH - 1000, packed + size);
    memset(packed + size, 0, 512);
    assert_int_equal(unpack(size + 512, &failed), LENGTH);
    assert_false(failed);
}

static void a_cut_file_yields_what_is_there_and_fails(void **state)
{
    size_t size = pack(0, LENGTH, packed);
    int failed;

    (void)state;
    assert_in_range(unpack(size / 2, &failed), LENGTH / 4, LENGTH - 1);
    assert_true(failed);
    unpack(size - 1, &failed); /* only the checksum is incomplete */
    assert_true(failed);
}

static void damage_is_noticed(void **state)
{
    size_t size = pack(0, LENGTH, packed);
    int failed;

    (void)state;
    packed[size - 5] ^= 1; /* the checksum, RFC 1952 2.3.1 */
    unpack(size, &failed);
    assert_true(failed);
}

static void formats_are_told_by_their_first_octets(void **state)
{
    (void)state;
    assert_ptr_equal(unpack_format_of((const unsigned char *)"\x1f\x8b\x08", 3), &unpack_gzip);
    assert_ptr_equal(unpack_format_of((const unsigned char *)"BZh9", 4), &unpack_bzip2);
    assert_ptr_equal(unpack_format_of((const unsigned char *)"\xfd\x37zXZ\0", 6), &unpack_xz);
    assert_null(unpack_format_of((const unsigned char *)"\xfd\x37zXZ\0", 5));
    assert_null(unpack_format_of((const unsigned char *)"\xd4\xc3\xb2\xa1", 4));
    assert_null(unpack_format_of(packed, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpacks_one_member),
        cmocka_unit_test(members_follow_each_other_and_padding),
        cmocka_unit_test(a_cut_file_yields_what_is_there_and_fails),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(formats_are_told_by_their_first_octets),
    };

    return cmocka_run_group_tests(tests, make_plain, NULL);
}
