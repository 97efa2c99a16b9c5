/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/head.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

/* The status with which TEXT is refused, or 0. */
static int check(const char *text, int with_options)
{
    size_t length = head_length(text, strlen(text));
    struct answer answer;
    int status;

    assert_true(length > 0);
    answer_init(&answer);
    status = head_check(text, length, with_options, &answer) < 0 ? (int)answer.status : 0;
    answer_release(&answer);
    return status;
}

static void the_end_of_a_head_is_found(void **state)
{
    (void)state;
    assert_int_equal(head_length("GET / HTTP/1.1\r\n\r\nrest", 22), 18);
    assert_int_equal(head_length("GET / HTTP/1.1\n\nrest\r\n\r\n", 24), 16);
    assert_int_equal(head_length("GET / HTTP/1.1\r\n\r", 17), 0);
    assert_int_equal(head_length("", 0), 0);
}

static void a_plain_request_is_taken(void **state)
{
    (void)state;
    assert_int_equal(check("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 0);
    assert_int_equal(check("HEAD /a?b=c HTTP/1.0\nhost:x\n\n", 0), 0);
    assert_int_equal(check("GET / HTTP/1.1\r\nAccept: */*\r\nHost: [::1]:3000\r\n\r\n", 0), 0);
}

static void methods_are_those_that_are_answered(void **state)
{
    (void)state;
    assert_int_equal(check("POST / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 405);
    assert_int_equal(check("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 405);
    assert_int_equal(check("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", 1), 0);
}

/* Kore takes the first header whose name starts with the letters of Host. */
static void there_is_one_host(void **state)
{
    (void)state;
    assert_int_equal(check("GET / HTTP/1.1\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHostess: a\r\nHost: b\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0), 400);
}

static void sizes_are_bounded(void **state)
{
    static char text[2 * HEAD_OCTETS_MAX];
    int length;

    (void)state;
    length = snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n",
                      URL_OCTETS_MAX - 1, 0);
    assert_true(length > URL_OCTETS_MAX);
    assert_int_equal(check(text, 0), 0);
    snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\nHost: x\r\n\r\n", URL_OCTETS_MAX, 0);
    assert_int_equal(check(text, 0), 414);
    snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: x\r\nA: %0*d\r\n\r\n", HEAD_OCTETS_MAX,
             0);
    assert_int_equal(check(text, 0), 431);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_end_of_a_head_is_found),
        cmocka_unit_test(a_plain_request_is_taken),
        cmocka_unit_test(methods_are_those_that_are_answered),
        cmocka_unit_test(there_is_one_host),
        cmocka_unit_test(sizes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
