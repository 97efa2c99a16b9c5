/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/head.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static char written[HEAD_OCTETS_MAX + 256];

/* The status with which TEXT is refused, or 0; then it is in `written` as Kore gets it. */
static int read_with(const char *text, const struct head_rules *rules)
{
    struct text clean = text_over(written, sizeof(written));
    size_t length = head_length(text, strlen(text));
    struct answer answer;
    int status;

    assert_true(length > 0);
    answer_init(&answer);
    status = head_read(text, length, rules, &clean, &answer) < 0 ? (int)answer.status : 0;
    answer_release(&answer);
    return status;
}

static int check(const char *text, int takes_options)
{
    const struct head_rules rules = {.takes_options = takes_options};

    return read_with(text, &rules);
}

#define HEAD(target, headers) "GET " target " HTTP/1.1\r\n" headers "\r\n"

static void the_end_of_a_head_is_found(void **state)
{
    (void)state;
    assert_int_equal(head_length("GET / HTTP/1.1\r\n\r\nrest", 22), 18);
    assert_int_equal(head_length("GET / HTTP/1.1\n\nrest\r\n\r\n", 24), 16);
    assert_int_equal(head_length("GET / HTTP/1.1\r\n\r", 17), 0);
    assert_int_equal(head_length("", 0), 0);
    assert_int_equal(head_length("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 22), 22);
    assert_int_equal(head_length("\n\n", 2), 0);
}

static void a_plain_request_is_taken(void **state)
{
    (void)state;
    assert_int_equal(check("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 0);
    assert_int_equal(check("HEAD /a?b=c HTTP/1.0\nhost:x\n\n", 0), 0);
    assert_int_equal(check("GET / HTTP/1.1\r\nAccept: */*\r\nHost: [::1]:3000\r\n\r\n", 0), 0);
}

/* Only what the server evaluates goes to Kore, in the simplest form. */
static void a_head_is_simplified(void **state)
{
    (void)state;
    assert_int_equal(
        check(HEAD("/a?b", "Host:  x:1 \r\nX-Empty:\r\nX: a\tb \xFF\r\nACCEPT:\tq \r\n"), 0), 0);
    assert_string_equal(written, "GET /a?b HTTP/1.1\r\naccept: q\r\nhost: x:1\r\n\r\n");
    assert_int_equal(
        check(
            "\r\n" HEAD(
                "/", "Host: x\r\nConnection: a\r\nConnection: b ,Close\r\nConnection: closed\r\n"),
            0),
        0);
    assert_string_equal(written, "GET / HTTP/1.1\r\nconnection: close\r\nhost: x\r\n\r\n");
    assert_int_equal(check("GET / HTTP/1.0\n\n", 0), 0);
    assert_string_equal(written, "GET / HTTP/1.0\r\nhost: localhost\r\n\r\n");
}

/* RFC 9112 section 3.2.2: its host counts, whatever the header says. */
static void an_absolute_url_is_taken(void **state)
{
    (void)state;
    assert_int_equal(check(HEAD("http://a.example:80/x?y", "Host: b\r\n"), 0), 0);
    assert_string_equal(written, "GET /x?y HTTP/1.1\r\nhost: a.example:80\r\n\r\n");
    assert_int_equal(check(HEAD("HTTPS://[::1]", "Host: b\r\n"), 0), 0);
    assert_string_equal(written, "GET / HTTP/1.1\r\nhost: [::1]\r\n\r\n");
    assert_int_equal(check(HEAD("http://a?q", "Host: b\r\n"), 0), 0);
    assert_string_equal(written, "GET /?q HTTP/1.1\r\nhost: a\r\n\r\n");
    assert_int_equal(check(HEAD("http:///x", "Host: b\r\n"), 0), 400);
    assert_int_equal(check(HEAD("http://u@a/x", "Host: b\r\n"), 0), 400);
    assert_int_equal(check(HEAD("ftp://a/x", "Host: b\r\n"), 0), 400);
    assert_int_equal(check(HEAD("http://a/x", ""), 0), 400);
}

/* Pages of other sites get nothing, even when their name leads to this machine. */
static void only_some_hosts_are_answered(void **state)
{
    static const char *const right[] = {
        "localhost",  "LOCALHOST:3000", "127.0.0.1:1", "127.9.9.9",  "[::1]",
        "[::1]:3000", "gap.lan",        "Gap.Lan.:80", "localhost.", "other"};
    static const char *const wrong[] = {"evil.example",
                                        "localhost.evil.example",
                                        "127.0.0.1.evil",
                                        "128.0.0.1",
                                        "[::2]",
                                        "gap.lan.evil",
                                        "0x7f.1",
                                        "gap",
                                        "evil.example:3000",
                                        "[fe80::1]"};
    const struct head_rules rules = {.hosts = "gap.lan  other"};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", right[i]);
        assert_int_equal(read_with(text, &rules), 0);
    }
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", wrong[i]);
        assert_int_equal(read_with(text, &rules), 421);
        snprintf(text, sizeof(text), "GET http://%s/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                 wrong[i]);
        assert_int_equal(read_with(text, &rules), 421);
    }
    assert_int_equal(read_with("GET / HTTP/1.0\r\n\r\n", &rules), 0);
}

static void a_malformed_host_is_refused(void **state)
{
    static const char *const hosts[] = {
        "",
        ":",
        ":80",
        "localhost:80:80",
        "localhost:x",
        "localhost:65536",
        "localhost:-1",
        "localhost:000080",
        "::1",
        "[::1",
        "[::1]x",
        "[::1]:80:80",
        "[::1]:x",
        "[]",
        "[127.0.0.1]",
        "[::1%25lo]",
        "::1]",
        "localhost/",
        "local host",
        "a@localhost",
        "localhost\\",
        "[localhost]",
        "\"localhost\"",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]"};
    static const char *const right[] = {"localhost:", "[::1]:", "[0:0:0:0:0:0:0:1]:65535",
                                        "127.0.0.1:0"};
    const struct head_rules rules = {.hosts = ""};
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);
        assert_int_equal(read_with(text, &rules), 400);
    }
    for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\n\r\n", right[i]);
        assert_int_equal(read_with(text, &rules), 0);
        snprintf(text, sizeof(text), "GET http://%s/ HTTP/1.1\r\nHost: x\r\n\r\n", right[i]);
        assert_int_equal(read_with(text, &rules), 0);
    }
    assert_int_equal(
        read_with("GET http://localhost:80:80/ HTTP/1.1\r\nHost: localhost\r\n\r\n", &rules), 400);
}

static void methods_are_those_that_are_answered(void **state)
{
    (void)state;
    assert_int_equal(check("POST / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 405);
    assert_int_equal(check("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", 0), 405);
    assert_int_equal(check("OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n", 1), 0);
}

static void there_is_one_host(void **state)
{
    (void)state;
    assert_int_equal(check("GET / HTTP/1.1\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHostess: a\r\nHost: b\r\n\r\n", 0), 0);
    assert_string_equal(written, "GET / HTTP/1.1\r\nhost: b\r\n\r\n");
    assert_int_equal(check("GET / HTTP/1.1\r\nHost:\r\n\r\n", 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 0), 400);
}

static void a_lone_carriage_return_ends_no_line(void **state)
{
    (void)state;
    assert_int_equal(check(HEAD("/", "Host: x\r\nX: a\rY: b\r\n"), 0), 400);
    assert_int_equal(check("GET / HTTP/1.1\rHost: x\r\n\r\n", 0), 400);
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
        cmocka_unit_test(a_head_is_simplified),
        cmocka_unit_test(an_absolute_url_is_taken),
        cmocka_unit_test(only_some_hosts_are_answered),
        cmocka_unit_test(a_malformed_host_is_refused),
        cmocka_unit_test(methods_are_those_that_are_answered),
        cmocka_unit_test(there_is_one_host),
        cmocka_unit_test(a_lone_carriage_return_ends_no_line),
        cmocka_unit_test(sizes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
