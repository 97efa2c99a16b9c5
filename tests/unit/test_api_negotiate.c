/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "unit.h"

static void gzip_is_taken_when_it_is_wanted(void **state)
{
    static const char *const yes[] = {"gzip", "GZip",   "br, gzip",        "gzip;q=0.001",
                                      "*",    "x-gzip", "br;q=1, *;q=0.1", " , gzip ;q=1"};
    static const char *const no[] = {"",      "br",      "gzip;q=0",    "gzip;q=0.000",
                                     "*;q=0", "gzipped", "gzip;q=0, *", "identity",
                                     ";",     ",,"};

    (void)state;
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
        assert_true(accepts_gzip(yes[i]));
    for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
        assert_false(accepts_gzip(no[i]));
    assert_false(accepts_gzip(NULL));
}

static void a_tag_matches_weakly(void **state)
{
    char etag[ETAG_CHARS];

    (void)state;
    etag_format(0x1a, etag);
    assert_string_equal(etag, "W/\"000000000000001a\"");
    assert_true(etag_matches(etag, etag));
    assert_true(etag_matches("\"000000000000001a\"", etag));
    assert_true(etag_matches("\"x\", W/\"000000000000001a\"", etag));
    assert_true(etag_matches("*", etag));
    assert_false(etag_matches("000000000000001a", etag));
    assert_false(etag_matches("\"000000000000001b\"", etag));
    assert_false(etag_matches("", etag));
    assert_false(etag_matches(NULL, etag));
}

static void only_the_token_opens(void **state)
{
    (void)state;
    assert_true(is_authorized("Bearer secret", "secret"));
    assert_true(is_authorized("BEARER secret", "secret"));
    assert_true(is_authorized("Basic dTpzZWNyZXQ=", "secret")); /* u:secret */
    assert_true(is_authorized("basic OnNlY3JldA==", "secret")); /* :secret */
    assert_false(is_authorized(NULL, "secret"));
    assert_false(is_authorized("", "secret"));
    assert_false(is_authorized("secret", "secret"));
    assert_false(is_authorized("Bearer ", "secret"));
    assert_false(is_authorized("Bearer secre", "secret"));
    assert_false(is_authorized("Bearer secretsecret", "secret"));
    assert_false(is_authorized("Bearer Secret", "secret"));
    assert_false(is_authorized("Basic c2VjcmV0", "secret")); /* secret, no colon */
    assert_false(is_authorized("Basic !!!!", "secret"));
    assert_false(is_authorized("Basic ", "secret"));
}

static void a_long_password_is_cut_not_overrun(void **state)
{
    char header[4096] = "Basic ";

    (void)state;
    memset(header + 6, 'A', sizeof(header) - 7);
    header[sizeof(header) - 1] = '\0';
    assert_false(is_authorized(header, "secret"));
}

static void what_is_compressed_is_unpacked_the_same(void **state)
{
    char text[10000], back[sizeof(text)];
    z_stream stream = {0};
    size_t size;
    void *packed;

    (void)state;
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * i % 251);
    packed = gzip_compress(text, sizeof(text), &size);
    assert_non_null(packed);
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK); /* accepts gzip only */
    stream.next_in = packed;
    stream.avail_in = (unsigned)size;
    stream.next_out = (unsigned char *)back;
    stream.avail_out = sizeof(back);
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.total_out, sizeof(text));
    assert_memory_equal(text, back, sizeof(text));
    inflateEnd(&stream);
    free(packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gzip_is_taken_when_it_is_wanted),
        cmocka_unit_test(a_tag_matches_weakly),
        cmocka_unit_test(only_the_token_opens),
        cmocka_unit_test(a_long_password_is_cut_not_overrun),
        cmocka_unit_test(what_is_compressed_is_unpacked_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
