/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/sample_writer.h"

#include <stdlib.h>
#include <string.h>

#include "base/timestamp.h"
#include "flow/id.h"
#include "numbered.h"
#include "store/database/database.h"
#include "track/sequence/number.h"

#define FIND                                                                                       \
    "SELECT sas.id, sas.first_timestamp, sas.last_sequence FROM flows "                            \
    "JOIN sas ON sas.flow = flows.id WHERE flows.capture_id = ?1 AND flows.flow_id = ?2 "          \
    "AND sas.association = ?3 ORDER BY sas.generation DESC LIMIT 8"
#define INSERT                                                                                     \
    "INSERT OR IGNORE INTO samples (changed, sa, timestamp_ns, number) "                           \
    "VALUES (change_number(), ?1, ?2, ?3)"
#define REMOVE "DELETE FROM samples WHERE sa = ?1 AND timestamp_ns < ?2 AND +changed <= ?3"

/* A sample may be of any of the newest SAs. */
#define SAS_MAX 8

struct sa {
    int64_t id;
    uint64_t first_ns;
    uint64_t last_number;
};

/* The SAs of one flow and association, the newest first. */
struct sas {
    struct sa sas[SAS_MAX];
    size_t count;
};

int sample_writer_init(struct sample_writer *writer, sqlite3 *database, int64_t capture,
                       uint64_t max_bytes, struct error *error)
{
    uint64_t seconds = max_bytes / SAMPLES_PART / (SAMPLES_PER_SECOND_ALL * SAMPLE_BYTES) + 1;

    *writer = (struct sample_writer){
        .capture = capture,
        .kept_ns = SAMPLES_KEPT_NS,
        .copied = INT64_MAX,
    };
    if (seconds < SAMPLES_KEPT_NS / NS_PER_SECOND)
        writer->kept_ns = seconds * NS_PER_SECOND;
    writer->find = database_prepare(database, FIND, error);
    writer->insert = writer->find ? database_prepare(database, INSERT, error) : NULL;
    writer->remove = writer->insert ? database_prepare(database, REMOVE, error) : NULL;
    return writer->remove ? 0 : -1;
}

void sample_writer_release(struct sample_writer *writer)
{
    sqlite3_finalize(writer->find);
    sqlite3_finalize(writer->insert);
    sqlite3_finalize(writer->remove);
    *writer = (struct sample_writer){0};
}

static int compare_identities(const struct sample *a, const struct sample *b)
{
    int keys = memcmp(&a->key, &b->key, sizeof(a->key));

    return keys ? keys : (int)a->association - (int)b->association;
}

static int compare_samples(const void *left, const void *right)
{
    const struct sample *a = left;
    const struct sample *b = right;
    int identities = compare_identities(a, b);

    if (identities)
        return identities;
    return (a->timestamp_ns > b->timestamp_ns) - (a->timestamp_ns < b->timestamp_ns);
}

/* Looks up the SAs that SAMPLE may be of. */
static int find(struct sample_writer *writer, const struct sample *sample, struct sas *sas,
                struct error *error)
{
    sqlite3_stmt *statement = writer->find;
    char id[FLOW_ID_CHARS];

    sas->count = 0;
    flow_id_format(&sample->key, id);
    sqlite3_bind_int64(statement, 1, writer->capture);
    statement_bind_text(statement, 2, id);
    sqlite3_bind_int64(statement, 3, sample->association);
    while (sas->count < SAS_MAX && sqlite3_step(statement) == SQLITE_ROW)
        sas->sas[sas->count++] = (struct sa){
            .id = sqlite3_column_int64(statement, 0),
            .first_ns = timestamp_or_zero((const char *)sqlite3_column_text(statement, 1)),
            .last_number = (uint64_t)sqlite3_column_int64(statement, 2),
        };
    if (sqlite3_reset(statement) != SQLITE_OK)
        return database_failed(sqlite3_db_handle(statement), error);
    return 0;
}

/* The newest of SAS, of which there is one at least, that had begun at TIME_NS, or the oldest. */
static const struct sa *sa_at(const struct sas *sas, uint64_t time_ns)
{
    size_t i = 0;

    while (i + 1 < sas->count && sas->sas[i].first_ns > time_ns)
        i++;
    return &sas->sas[i];
}

static int insert(struct sample_writer *writer, const struct sa *sa, const struct sample *sample,
                  struct error *error)
{
    uint64_t number =
        number_extend(sa->last_number, sample->number, number_bits(sample->key.protocol));

    if (number > INT64_MAX)
        return 0; /* it lies before 0, so it is not of this SA */
    sqlite3_bind_int64(writer->insert, 1, sa->id);
    sqlite3_bind_int64(writer->insert, 2, (sqlite3_int64)sample->timestamp_ns);
    sqlite3_bind_int64(writer->insert, 3, (sqlite3_int64)number);
    return statement_run(writer->insert, error);
}

static int remove_old(struct sample_writer *writer, const struct sa *sa, uint64_t now_ns,
                      struct error *error)
{
    if (now_ns < writer->kept_ns)
        return 0;
    sqlite3_bind_int64(writer->remove, 1, sa->id);
    sqlite3_bind_int64(writer->remove, 2, (sqlite3_int64)(now_ns - writer->kept_ns));
    sqlite3_bind_int64(writer->remove, 3, writer->copied);
    return statement_run(writer->remove, error);
}

/* Writes COUNT SAMPLES of one flow and association, in the order of time. */
static int write_group(struct sample_writer *writer, const struct sample *samples, size_t count,
                       struct error *error)
{
    struct sas sas;

    if (find(writer, samples, &sas, error) < 0)
        return -1;
    for (size_t i = 0; i < count && sas.count; i++)
        if (insert(writer, sa_at(&sas, samples[i].timestamp_ns), &samples[i], error) < 0)
            return -1;
    return sas.count ? remove_old(writer, &sas.sas[0], samples[count - 1].timestamp_ns, error) : 0;
}

int sample_writer_write(struct sample_writer *writer, struct sample *samples, size_t count,
                        struct error *error)
{
    size_t end;

    if (count)
        qsort(samples, count, sizeof(*samples), compare_samples);
    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count; end++)
            if (compare_identities(&samples[i], &samples[end]) != 0)
                break;
        if (write_group(writer, &samples[i], end - i, error) < 0)
            return -1;
    }
    return 0;
}
