/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Watches interfaces in a network namespace of this test, where one can be made. */
#include "source/interface_watch.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "unit.h"

static const char *obstacle; /* why no namespace can be made, or NULL */

static int enter_namespace(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) < 0)
        obstacle = strerror(errno);
    else if (system("ip link set lo up") != 0)
        obstacle = "no ip command";
    if (obstacle && getenv("CI"))
        fail_msg("CI must be able to make network namespaces: %s", obstacle);
    return 0;
}

static void skip_without_namespace(void)
{
    if (obstacle) {
        print_message("no network namespace: %s\n", obstacle);
        skip();
    }
}

static void ip(const char *words)
{
    char command[128];

    snprintf(command, sizeof(command), "ip %s", words);
    assert_int_equal(system(command), 0);
}

/* Waits until the interface of WATCH carries frames, or no longer does, which the kernel notices
 * late. WATCH itself is unchanged. */
static void await_carrier(struct interface_watch watch, int is_up)
{
    int patience = 5000;

    do {
        assert_true(patience-- > 0);
        usleep(1000);
        interface_poll(&watch, 0);
    } while (watch.is_up != is_up);
}

/* A copy of WATCH without its subscription, so that polling it takes no reports away. */
static struct interface_watch unheard(struct interface_watch watch)
{
    watch.events = NULL;
    return watch;
}

/* Makes an interface `one` that is up, and watches it. */
static struct interface_watch watch_one(void)
{
    struct interface_watch watch;
    struct error error;

    skip_without_namespace();
    ip("link add one type veth peer name other");
    ip("link set one up");
    ip("link set other up");
    assert_int_equal(interface_find("one", &watch, &error), 0);
    await_carrier(watch, 1);
    assert_int_equal(interface_find("one", &watch, &error), 0);
    assert_true(watch.is_up);
    return watch;
}

static int remove_interfaces(void **state)
{
    (void)state;
    if (!obstacle && system("for i in one new; do ip link del $i; done 2>/dev/null") < 0)
        return -1;
    return 0;
}

static void says_that_there_is_none(void **state)
{
    struct interface_watch watch;
    struct error error;

    (void)state;
    assert_int_equal(interface_find("nosuch", &watch, &error), -1);
    assert_string_equal(error.text, "nosuch: there is no such interface");
    assert_int_equal(interface_find("longer-than-any-name-is", &watch, &error), -1);
    assert_int_equal(interface_find("", &watch, &error), -1);
}

static void knows_link_types(void **state)
{
    struct interface_watch watch = watch_one();
    enum link_type link;
    struct error error;

    (void)state;
    assert_int_equal(interface_link_type(&watch, &link, &error), 0);
    assert_int_equal(link, LINK_ETHERNET);
    assert_false(interface_is_loopback(&watch));
    assert_int_equal(interface_find("lo", &watch, &error), 0);
    assert_int_equal(interface_link_type(&watch, &link, &error), 0);
    assert_int_equal(link, LINK_ETHERNET);
    assert_true(interface_is_loopback(&watch));
}

static void tells_down_and_up_once(void **state)
{
    struct interface_watch watch = watch_one();

    (void)state;
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
    ip("link set other down"); /* as if the cable were pulled */
    await_carrier(watch, 0);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_WENT_DOWN);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
    ip("link set one down");
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
    ip("link set one up");
    ip("link set other up");
    await_carrier(watch, 1);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_CAME_UP);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
}

static void tells_one_that_was_down_from_the_start(void **state)
{
    struct interface_watch watch;
    struct error error;

    (void)state;
    watch_one();
    ip("link set one down");
    assert_int_equal(interface_find("one", &watch, &error), 0);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_WENT_DOWN);
    ip("link set one up");
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_CAME_UP);
}

static void tells_away_and_back_with_the_new_index(void **state)
{
    struct interface_watch watch = watch_one();

    (void)state;
    ip("link del one");
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_WENT_AWAY);
    assert_int_equal(watch.index, 0);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
    ip("link add one type veth peer name other");
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_CAME_BACK);
    assert_int_equal(watch.index, if_nametoindex("one"));
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_WENT_DOWN); /* so it came */
}

static void notices_another_of_the_same_name(void **state)
{
    struct interface_watch watch = watch_one();

    (void)state;
    ip("link del one");
    ip("link add one type veth peer name other");
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_CAME_BACK);
    assert_int_equal(watch.index, if_nametoindex("one"));
}

static void a_renamed_interface_is_the_same(void **state)
{
    struct interface_watch watch = watch_one();
    unsigned index = watch.index;

    (void)state;
    ip("link set one down");
    ip("link set one name new");
    ip("link set new up");
    await_carrier(watch, 1);
    assert_int_equal(interface_poll(&watch, 0), INTERFACE_SAME);
    assert_int_equal(watch.index, index);
}

static void the_kernel_tells_what_is_over(void **state)
{
    struct interface_watch watch = watch_one();
    uint64_t now_ns = 1000 * NS_PER_SECOND;

    (void)state;
    assert_int_equal(interface_poll(&watch, now_ns), INTERFACE_SAME);
    interface_listen(&watch);
    assert_non_null(watch.events);
    assert_int_equal(interface_poll(&watch, ++now_ns), INTERFACE_SAME);
    ip("link set one down");
    ip("link set one up");
    await_carrier(unheard(watch), 1);
    assert_int_equal(interface_poll(&watch, ++now_ns), INTERFACE_WENT_DOWN);
    assert_int_equal(interface_poll(&watch, ++now_ns), INTERFACE_SAME);
    assert_int_equal(interface_poll(&watch, now_ns + NS_PER_SECOND), INTERFACE_CAME_UP);
    ip("link del one");
    assert_int_equal(interface_poll(&watch, now_ns + NS_PER_SECOND + 1), INTERFACE_WENT_AWAY);
    interface_release(&watch);
    assert_null(watch.events);
}

static void others_are_not_its_business(void **state)
{
    struct interface_watch watch = watch_one();
    uint64_t now_ns = 1000 * NS_PER_SECOND;

    (void)state;
    assert_int_equal(interface_poll(&watch, now_ns), INTERFACE_SAME);
    interface_listen(&watch);
    ip("link add new type veth peer name further");
    ip("link set new up");
    ip("link del new");
    assert_int_equal(interface_poll(&watch, ++now_ns), INTERFACE_SAME);
    interface_release(&watch);
}

static void looks_once_a_second(void **state)
{
    struct interface_watch watch = watch_one();
    uint64_t now_ns = 1000 * NS_PER_SECOND;

    (void)state;
    assert_int_equal(interface_poll(&watch, now_ns), INTERFACE_SAME);
    ip("link set one down");
    await_carrier(watch, 0);
    assert_int_equal(interface_poll(&watch, now_ns + NS_PER_SECOND - 1), INTERFACE_SAME);
    assert_int_equal(interface_poll(&watch, now_ns + NS_PER_SECOND), INTERFACE_WENT_DOWN);
    ip("link set one up");
    await_carrier(watch, 1);
    /* The clock was set back: the next poll is not an hour away. */
    assert_int_equal(interface_poll(&watch, now_ns - 3600 * NS_PER_SECOND + 1), INTERFACE_CAME_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_there_is_none),
        cmocka_unit_test_teardown(knows_link_types, remove_interfaces),
        cmocka_unit_test_teardown(tells_down_and_up_once, remove_interfaces),
        cmocka_unit_test_teardown(tells_one_that_was_down_from_the_start, remove_interfaces),
        cmocka_unit_test_teardown(tells_away_and_back_with_the_new_index, remove_interfaces),
        cmocka_unit_test_teardown(notices_another_of_the_same_name, remove_interfaces),
        cmocka_unit_test_teardown(a_renamed_interface_is_the_same, remove_interfaces),
        cmocka_unit_test_teardown(the_kernel_tells_what_is_over, remove_interfaces),
        cmocka_unit_test_teardown(others_are_not_its_business, remove_interfaces),
        cmocka_unit_test_teardown(looks_once_a_second, remove_interfaces),
    };

    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
