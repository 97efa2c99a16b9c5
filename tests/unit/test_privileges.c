/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/privileges.h"

#include <pthread.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "unit.h"

static void the_first_missing_is_named(void **state)
{
    static const struct {
        unsigned needed;
        unsigned held;
        const char *missing; /* on a kernel of the last ten years */
    } cases[] = {
        {0, 0, NULL},
        {PRIVILEGES_ALL, PRIVILEGES_ALL, NULL},
        {PRIVILEGE_NET_RAW, PRIVILEGE_NET_RAW, NULL},
        {PRIVILEGE_NET_RAW, PRIVILEGES_ALL & ~PRIVILEGE_NET_RAW, "CAP_NET_RAW"},
        {PRIVILEGES_ALL, 0, "CAP_BPF"},
        {PRIVILEGE_BPF | PRIVILEGE_NET_ADMIN, PRIVILEGE_BPF, "CAP_NET_ADMIN"},
        {PRIVILEGE_BPF | PRIVILEGE_PERFMON, PRIVILEGE_BPF, "CAP_PERFMON"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *missing = privileges_missing(cases[i].needed, cases[i].held);

        if (!cases[i].missing)
            assert_null(missing);
        else
            assert_string_equal(missing, cases[i].missing);
    }
}

/* Asserts that the call failed and nothing was given up, so that the process could go on. */
static void assert_refused(const char *user, const char *why)
{
    unsigned held = privileges_held();
    struct error error;

    assert_int_equal(privileges_drop(0, user, &error), -1);
    assert_non_null(strstr(error.text, why));
    assert_int_equal(privileges_held(), held);
    assert_int_equal(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 0);
}

static void unknown_users_are_refused(void **state)
{
    (void)state;
    assert_refused("no such user", "'no such user'");
    assert_refused("", "''");
    assert_refused("0x0", "'0x0'");
    assert_refused("-1", "'-1'");
    assert_refused("4294967295", "'4294967295'"); /* for setresuid() this means no change */
    assert_refused("4294967296", "'4294967296'"); /* not the same as 0, which is root */
    assert_refused("99999999999999999999", "'99999999999999999999'");
}

static void *wait_for_a_byte(void *descriptor)
{
    char byte;

    return read(*(int *)descriptor, &byte, 1) == 1 ? NULL : descriptor;
}

static void other_threads_are_refused(void **state)
{
    pthread_t thread;
    int ends[2];

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_a_byte, &ends[0]), 0);
    assert_refused(NULL, "threads");
    assert_int_equal(write(ends[1], "", 1), 1);
    pthread_join(thread, NULL);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_missing_is_named),
        cmocka_unit_test(unknown_users_are_refused),
        cmocka_unit_test(other_threads_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
