/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/answer/answer_cache.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

static struct answer_cache kept;

static int release(void **state)
{
    (void)state;
    answer_cache_release(&kept);
    kept = (struct answer_cache){0};
    return 0;
}

static void keep(const char *url, const char *body, uint64_t version)
{
    struct answer answer;

    answer_init(&answer);
    answer_open(&answer, "text/plain");
    fputs(body, answer.to);
    answer_close(&answer);
    answer.version = version;
    answer_cache_add(&kept, url, &answer);
    answer_release(&answer);
}

/* The cached answer for URL, or NULL. */
static const char *find(const char *url, uint64_t version)
{
    struct answer answer;

    answer_init(&answer);
    if (answer_cache_find(&kept, url, version, &answer) < 0)
        return NULL;
    assert_int_equal(answer.size, strlen(answer.body));
    assert_int_equal(answer.version, version);
    return answer.body;
}

static void the_same_url_of_the_same_version_is_found(void **state)
{
    (void)state;
    assert_null(find("/a", 1));
    keep("/a", "one", 1);
    keep("/b", "two", 1);
    assert_string_equal(find("/a", 1), "one");
    assert_string_equal(find("/b", 1), "two");
    assert_null(find("/a", 2));
    assert_null(find("/", 1));
}

static void another_version_makes_all_forgotten(void **state)
{
    (void)state;
    keep("/a", "one", 1);
    keep("/b", "two", 2);
    assert_null(find("/a", 1));
    assert_null(find("/a", 2));
    assert_string_equal(find("/b", 2), "two");
}

static void only_so_many_are_kept(void **state)
{
    char url[16];

    (void)state;
    for (int i = 0; i < 2 * CACHED_ANSWERS; i++) {
        snprintf(url, sizeof(url), "/%d", i);
        keep(url, url, 1);
    }
    assert_null(find("/0", 1));
    assert_null(find("/31", 1));
    assert_string_equal(find("/32", 1), "/32");
    assert_string_equal(find("/63", 1), "/63");
}

static void errors_are_not_kept(void **state)
{
    struct answer answer;

    (void)state;
    answer_init(&answer);
    answer_error(&answer, HTTP_NOT_FOUND, "nothing");
    answer.version = 1;
    answer_cache_add(&kept, "/a", &answer);
    assert_null(find("/a", 1));
    answer_release(&answer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_same_url_of_the_same_version_is_found, release),
        cmocka_unit_test_teardown(another_version_makes_all_forgotten, release),
        cmocka_unit_test_teardown(only_so_many_are_kept, release),
        cmocka_unit_test_teardown(errors_are_not_kept, release),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
