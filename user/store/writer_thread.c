/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer_thread.h"

#include <string.h>

#include "base/monotonic.h"

/* How long to wait before writing is tried again. */
#define RETRY_NS (NS_PER_SECOND / 4)

/* A lock of another program for this long is not reported. */
#define PATIENCE_NS (2 * NS_PER_SECOND)

/* Held by the store that writes or opens. Several stores of this process may write to one database;
 * waiting for this mutex is faster than for SQLite's lock, which SQLite polls. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;

static int is_patient(const struct writer_thread *thread, uint64_t since_ns)
{
    sqlite3 *database = thread->writer.database;
    int code = database ? sqlite3_errcode(database) & 0xFF : SQLITE_CANTOPEN;

    return (code == SQLITE_BUSY || code == SQLITE_LOCKED) &&
           monotonic_ns() - since_ns < PATIENCE_NS;
}

/* Reports that writing has failed, the first time. */
static void tell_trouble(struct writer_thread *thread, const struct error *error)
{
    struct error news;

    error_set(&news, "%s: cannot write: %s; going on, and trying again", thread->options->path,
              error->text);
    thread->options->tell(&news);
}

static void tell_success(struct writer_thread *thread)
{
    struct error news;

    error_set(&news, "%s: written again", thread->options->path);
    thread->options->tell(&news);
}

/* Reports when flows or gaps begin to be left out, and when they are all kept again. */
static void tell_omitted(struct writer_thread *thread, const struct left_out *left_out)
{
    int is_omitting = left_out->flows || left_out->gaps;
    struct error news;

    thread->omitted_flows += left_out->flows;
    thread->omitted_gaps += left_out->gaps;
    if (is_omitting && !thread->is_omitting)
        error_set(&news, "%s: there are too many %s to keep; some are only counted",
                  thread->options->path, left_out->flows ? "flows that left" : "gaps");
    else if (!is_omitting && thread->is_omitting)
        error_set(&news, "%s: all is kept again; %llu flows and %llu gaps were only counted",
                  thread->options->path, (unsigned long long)thread->omitted_flows,
                  (unsigned long long)thread->omitted_gaps);
    if (thread->is_omitting != is_omitting)
        thread->options->tell(&news);
    thread->is_omitting = is_omitting;
}

/* Reports when the database begins to refuse rows. It may refuse the same row each time. */
static void tell_refused(struct writer_thread *thread, const struct refusals *refusals)
{
    struct error news;

    if (refusals->rows && !thread->is_refusing) {
        error_set(&news, "%s: %llu rows are left out, the rest is written: %s",
                  thread->options->path, (unsigned long long)refusals->rows, refusals->first.text);
        thread->options->tell(&news);
    }
    thread->is_refusing = refusals->rows != 0;
}

/* Reports when another program has damaged the database. It cannot be mended while other stores of
 * this process have it open, as they share its log. */
static void tell_damaged(struct writer_thread *thread)
{
    int is_damaged = writer_has_damaged_database(&thread->writer);
    struct error news;

    if (is_damaged && !thread->is_damaged) {
        error_set(
            &news,
            "%s: emptied, or its log (-wal, -shm) deleted, by another program: nobody can read "
            "what is written; delete it, then it is made anew",
            thread->options->path);
        thread->options->tell(&news);
    }
    thread->is_damaged = is_damaged;
}

/* Makes the database anew. Returns 0, or -1 with ERROR set. */
static int make_anew(struct writer_thread *thread, struct error *error)
{
    int was_open = thread->writer.database != NULL;
    struct error news;
    int status;

    retention_release(&thread->retention);
    status = writer_make_anew(&thread->writer, error);
    if (was_open) {
        error_set(&news, "%s: deleted, moved or replaced; making it anew", thread->options->path);
        thread->options->tell(&news);
    }
    if (status < 0)
        return -1;
    return retention_init(&thread->retention, &thread->writer, error);
}

/* Writes BATCH once. Returns as writer_write() does. */
static int try_to_write(struct writer_thread *thread, const struct store_batch *batch,
                        struct left_out *left_out, struct error *error)
{
    int status = 0;

    pthread_mutex_lock(&turn);
    if (writer_has_lost_database(&thread->writer))
        status = make_anew(thread, error);
    if (status == 0)
        status = writer_write(&thread->writer, batch, left_out, error);
    pthread_mutex_unlock(&turn);
    return status;
}

/* Writes BATCH, and tries again when it fails. Returns 0, or -1 with ERROR set when it gave up. */
static int write_batch(struct writer_thread *thread, const struct store_batch *batch,
                       struct error *error)
{
    uint64_t since_ns = monotonic_ns();
    uint64_t closing_ns = 0;
    struct left_out left_out;
    int was_told = 0;

    writer_shift_time(&thread->writer, batch->shard, batch->step_ns);
    while (try_to_write(thread, batch, &left_out, error) < 0) {
        if (!was_told && !is_patient(thread, since_ns)) {
            tell_trouble(thread, error);
            was_told = 1;
        }
        if (!queue_rest(&thread->queue, RETRY_NS))
            continue;
        if (!closing_ns)
            closing_ns = monotonic_ns();
        else if (monotonic_ns() - closing_ns >= CLOSE_RETRY_NS)
            return -1;
    }
    if (was_told)
        tell_success(thread);
    tell_omitted(thread, &left_out);
    tell_refused(thread, &left_out.refusals);
    tell_damaged(thread);
    return 0;
}

static int try_to_end(struct writer_thread *thread, struct error *error)
{
    int status;

    pthread_mutex_lock(&turn);
    status = writer_end(&thread->writer, error);
    if (status == 0 && thread->options->replace)
        status = retention_replace(&thread->retention, error);
    pthread_mutex_unlock(&turn);
    return status;
}

/* Called when everything is written. Returns 0, or -1 with ERROR set when it gave up. */
static int end_capture(struct writer_thread *thread, struct error *error)
{
    uint64_t since_ns = monotonic_ns();

    while (try_to_end(thread, error) < 0) {
        if (monotonic_ns() - since_ns >= CLOSE_RETRY_NS)
            return -1;
        queue_rest(&thread->queue, RETRY_NS);
    }
    pthread_mutex_lock(&turn);
    retention_finish(&thread->retention);
    pthread_mutex_unlock(&turn);
    return 0;
}

/* Removes old captures for at most the time that writing a batch took, so that removal keeps up
 * with writing. Returns whether there is more to remove. */
static int remove_old(struct writer_thread *thread, uint64_t budget_ns)
{
    int has_more;

    pthread_mutex_lock(&turn);
    has_more = retention_run(&thread->retention, budget_ns);
    thread->writer.samples.copied = retention_copied(&thread->retention);
    pthread_mutex_unlock(&turn);
    return has_more;
}

/* Writes batches until the store closes. Returns 0, or -1 with ERROR set when it gave up. */
static int write_batches(struct writer_thread *thread, struct error *error)
{
    int has_more = 1;

    for (;;) {
        uint64_t began_ns = monotonic_ns();
        int is_closing;
        struct store_batch *batch =
            queue_first(&thread->queue, has_more ? RETENTION_PAUSE_NS : NS_PER_SECOND, &is_closing);

        if (batch) {
            if (write_batch(thread, batch, error) < 0)
                return -1;
            queue_remove_first(&thread->queue);
        } else if (is_closing) {
            return 0;
        }
        has_more = remove_old(thread, batch ? monotonic_ns() - began_ns : 0);
    }
}

static void *run_writer(void *argument)
{
    struct writer_thread *thread = argument;
    struct error error;
    int status = write_batches(thread, &error);

    if (status == 0)
        status = end_capture(thread, &error);
    if (status < 0) {
        thread->failure = error;
        thread->has_failed = 1;
    }
    return NULL;
}

/* Opens the database when no other store writes, which might else hold SQLite's lock at each moment
 * at which SQLite polls it. */
static int open_in_turn(struct writer_thread *thread, struct error *error)
{
    int status;

    pthread_mutex_lock(&turn);
    status = writer_open(&thread->writer, thread->options, error);
    if (status == 0)
        status = retention_init(&thread->retention, &thread->writer, error);
    pthread_mutex_unlock(&turn);
    return status;
}

int writer_thread_start(struct writer_thread *thread, const struct store_options *options,
                        struct error *error)
{
    int reason;

    thread->options = options;
    queue_init(&thread->queue, QUEUES_BYTES_MAX / store_siblings(options));
    if (open_in_turn(thread, error) < 0)
        return -1;
    reason = pthread_create(&thread->id, NULL, run_writer, thread);
    if (reason)
        return error_set(error, "cannot start writing: %s", strerror(reason));
    return 0;
}

int writer_thread_finish(struct writer_thread *thread, struct error *error)
{
    queue_close(&thread->queue);
    pthread_join(thread->id, NULL);
    if (thread->has_failed)
        *error = thread->failure;
    return thread->has_failed ? -1 : 0;
}

void writer_thread_release(struct writer_thread *thread)
{
    queue_release(&thread->queue);
    retention_release(&thread->retention);
    writer_release(&thread->writer);
}
