/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Several stores of one process that write to one database. */
#include <dirent.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#include "base/units.h"
#include "folder.h"
#include "store/store.h"

#define START_NS (UINT64_C(1735689600) * NS_PER_SECOND)

/* A store tells that it cannot write after two seconds. */
enum { LOCKED_SECONDS = 3 };

static sqlite3 *other;

static int end(void **state)
{
    sqlite3_close(other);
    return folder_remove(state);
}

static struct error told; /* by a store; empty if nothing was */

static void note(const struct error *news)
{
    told = *news;
}

static uint64_t clock_of_the_frames(void)
{
    return START_NS;
}

static struct store *open_store(void)
{
    static const struct store_options options = {
        .path = path,
        .siblings = 2,
        .source = "test",
        .method = "tc",
        .window = WINDOW_DEFAULT,
        .shards = 1,
        .flush_seconds = 5,
        .retain_days = STORE_RETAIN_DAYS,
        .max_bytes = STORE_MAX_BYTES,
        .clock = clock_of_the_frames,
        .tell = note,
    };
    struct error error;

    return store_open(&options, &error);
}

static void *open_second(void *unused)
{
    (void)unused;
    return open_store();
}

static void close_store(struct store *store)
{
    struct error error;

    assert_non_null(store);
    assert_int_equal(store_close(store, &error), 0);
}

/* Gives the writer of STORE a batch without results. */
static void give_batch(struct store *store, struct tracker *tracker)
{
    const struct source_statistics statistics = {0};

    store_collect(store, 0, tracker, &statistics, START_NS);
}

/* How many times this process has the database open. */
static int count_openings(void)
{
    DIR *descriptors = opendir("/proc/self/fd");
    struct dirent *entry;
    int count = 0;

    assert_non_null(descriptors);
    while ((entry = readdir(descriptors))) {
        char target[sizeof(path) + 1] = "";

        if (readlinkat(dirfd(descriptors), entry->d_name, target, sizeof(target) - 1) > 0 &&
            strcmp(target, path) == 0)
            count++;
    }
    closedir(descriptors);
    return count;
}

/* Another program has the lock of SQLite, for which the second store waits. If the first one tried
 * to write in the meantime, it would tell that it cannot. */
static void no_store_writes_while_another_opens(void **state)
{
    struct store *first = open_store();
    struct tracker tracker;
    pthread_t opening;
    void *second;
    int before;

    (void)state;
    assert_int_equal(tracker_init(&tracker, WINDOW_DEFAULT, 1), 0);
    tracker_keep_changes(&tracker);
    assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    before = count_openings();
    assert_int_equal(pthread_create(&opening, NULL, open_second, NULL), 0);
    while (count_openings() == before)
        usleep(1000);
    give_batch(first, &tracker);
    sleep(LOCKED_SECONDS);
    assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    pthread_join(opening, &second);
    close_store(second);
    close_store(first);
    tracker_release(&tracker);
    assert_string_equal(told.text, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(no_store_writes_while_another_opens, folder_make, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
