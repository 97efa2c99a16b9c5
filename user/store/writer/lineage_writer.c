/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "store/writer/lineage_writer.h"

#include <string.h>

#include "flow/id.h"
#include "flow/id_read.h"
#include "lineage/decide.h"
#include "lineage/rollover.h"
#include "store/database/bind.h"
#include "store/database/database.h"

/* Old flows are forgotten from this many on. */
#define FORGET_FROM 4096

/* Parameters of both: capture, flow id, and those of bind_names(). */
#define UPDATE_FLOW                                                                                \
    "UPDATE flows SET changed = change_number(), "                                                 \
    "follows = ?3, follows_known = ?4, lineage = ?5, moved_to = ?6, "                              \
    "silent_since = iif(?7, NULL, silent_since) WHERE capture_id = ?1 AND flow_id = ?2"
#define UPDATE_SAS                                                                                 \
    "UPDATE sas SET changed = change_number(), lineage = coalesce(?5, iif(generation, ?2, "        \
    "NULL)), "                                                                                     \
    "follows = iif(generation, ?2, ?3), "                                                          \
    "follows_known = iif(generation, 'certain', ?4), "                                             \
    "follows_generation = iif(generation, generation - 1, ?6), ended = ended OR ?7 "               \
    "WHERE flow = (SELECT id FROM flows WHERE capture_id = ?1 AND flow_id = ?2)"
#define NOT_SILENT_ANY_MORE                                                                        \
    "UPDATE flows SET silent_since = NULL, changed = change_number() WHERE capture_id = ?1 AND "   \
    "flow_id = ?2"

/* A sensor that is started anew sees the same SAs. */
#define FIND_EARLIER                                                                               \
    "SELECT max(earlier.id) FROM captures AS earlier, captures AS this WHERE this.id = ? AND "     \
    "earlier.id < this.id AND earlier.total_flows > 0 AND (earlier.source = this.source OR "       \
    "(earlier.method = 'file' AND this.method = 'file'))"
#define FIND_ORIGIN                                                                                \
    "SELECT lineage FROM flows WHERE capture_id = ? AND flow_id = ? AND last_timestamp < ?"

enum {
    CAPTURE = 1,
    FLOW_ID,
    FOLLOWS,
    FOLLOWS_KNOWN,
    LINEAGE,
    MOVED_TO,
    FOLLOWS_GENERATION = MOVED_TO,
    IS_REPLACED,
};

/* Sets WRITER->earlier. An earlier capture that cannot be read is none: what is counted now must be
 * kept all the same. Returns 0, or -1 with ERROR set. */
static int find_earlier(struct lineage_writer *writer, sqlite3 *database, struct error *error)
{
    sqlite3_stmt *find = database_prepare(database, FIND_EARLIER, error);
    struct error unreadable;

    if (!find)
        return -1;
    sqlite3_bind_int64(find, 1, writer->capture);
    if (statement_ask(find, &writer->earlier, &unreadable) < 0)
        writer->earlier = 0;
    sqlite3_finalize(find);
    return 0;
}

int lineage_writer_init(struct lineage_writer *writer, sqlite3 *database, int64_t capture,
                        struct event_writer *events, struct error *error)
{
    *writer = (struct lineage_writer){
        .capture = capture, .events = events, .lineage.forget_from = FORGET_FROM};
    writer->update_flow = database_prepare(database, UPDATE_FLOW, error);
    writer->update_sas = writer->update_flow ? database_prepare(database, UPDATE_SAS, error) : NULL;
    writer->not_silent =
        writer->update_sas ? database_prepare(database, NOT_SILENT_ANY_MORE, error) : NULL;
    writer->find_origin =
        writer->not_silent ? database_prepare(database, FIND_ORIGIN, error) : NULL;
    return writer->find_origin ? find_earlier(writer, database, error) : -1;
}

void lineage_writer_release(struct lineage_writer *writer)
{
    sqlite3_finalize(writer->update_flow);
    sqlite3_finalize(writer->update_sas);
    sqlite3_finalize(writer->not_silent);
    sqlite3_finalize(writer->find_origin);
    lineage_release(&writer->lineage);
    *writer = (struct lineage_writer){0};
}

/* --- taking over the changes of a batch --- */

/* The number of SAs that the flow of CHANGE had before it was evicted, if that is known. */
static uint32_t earlier_sas(const struct flow_memory *memory, const struct flow_change *change)
{
    const struct known_flow *known =
        change->handle < memory->capacity ? &memory->flows[change->handle] : NULL;

    if (!known || !known->earlier || !flow_memory_is_of(known, change))
        return 0;
    return known->earlier->earlier_sas;
}

static struct kin kin_of(const struct flow_memory *memory, const struct flow_change *change,
                         const struct sa_change *newest)
{
    return (struct kin){
        .key = change->flow.key,
        .first_ns = change->flow.first_ns,
        .last_ns = newest->steady_ns,
        .received = change->figures.received,
        .first_sequence = change->flow.first_sequence,
        .since_ns = newest->first_ns,
        .generation = earlier_sas(memory, change) + newest->generation,
        .longest_ns = change->flow.timing.max_ns,
        .ports = change->flow.first_ports,
        .rekeys = change->flow.rekeys,
        .association = newest->association,
    };
}

/* Sets the origin of KIN, if it is new here and had a lineage in the earlier capture. */
static void find_origin(const struct lineage_writer *writer, struct kin *kin)
{
    sqlite3_stmt *find = writer->find_origin;
    char id[FLOW_ID_CHARS];

    if (!writer->earlier || !kin->key.family || lineage_kin(&writer->lineage, &kin->key))
        return;
    flow_id_format(&kin->key, id);
    sqlite3_bind_int64(find, 1, writer->earlier);
    statement_bind_text(find, 2, id);
    statement_bind_time(find, 3, kin->first_ns);
    if (sqlite3_step(find) == SQLITE_ROW) {
        const char *lineage = (const char *)sqlite3_column_text(find, 0);

        if (!lineage || flow_id_read(lineage, &kin->origin) < 0)
            kin->origin = (struct flow_key){0};
    }
    sqlite3_reset(find);
}

int lineage_writer_add(struct lineage_writer *writer, const struct changes *changes,
                       struct flow_memory *memory, struct error *error)
{
    struct lineage *lineage = &writer->lineage;
    size_t sas = 0;

    for (size_t i = 0; i < changes->flow_count; i++) {
        const struct flow_change *change = &changes->flows[i];

        if (change->sa_count) {
            struct kin kin = kin_of(memory, change, &changes->sas[sas]);

            find_origin(writer, &kin);
            if (lineage_add(lineage, &kin) < 0)
                return error_set(error, "out of memory");
        }
        sas += change->sa_count;
    }
    for (size_t i = 0; i < changes->ties.count; i++)
        lineage_add_tie(lineage, &changes->ties.ties[i]);
    for (size_t i = 0; i < changes->exchanges.count; i++) /* a repetition changes nothing */
        lineage_add_exchange(lineage, &changes->exchanges.ties[i]);
    lineage_decide(lineage);
    return 0;
}

/* --- writing --- */

static void bind_names(sqlite3_stmt *statement, int64_t capture, const char *id,
                       const struct bond_names *names)
{
    sqlite3_bind_int64(statement, CAPTURE, capture);
    bind_TEXT(statement, FLOW_ID, id);
    bind_TEXT(statement, FOLLOWS, names->follows);
    bind_TEXT(statement, FOLLOWS_KNOWN, names->follows_known);
    bind_TEXT(statement, LINEAGE, names->lineage);
}

static int update(struct lineage_writer *writer, const struct kin *kin, struct error *error)
{
    char id[FLOW_ID_CHARS];
    struct bond_chars chars;
    struct bond_names names = bond_names_of(&writer->lineage, &kin->key, 1, &chars);

    flow_id_format(&kin->key, id);
    bind_names(writer->update_flow, writer->capture, id, &names);
    bind_TEXT(writer->update_flow, MOVED_TO, names.moved_to);
    bind_FLAG(writer->update_flow, IS_REPLACED, kin->bonds.is_replaced);
    if (statement_run(writer->update_flow, error) < 0)
        return -1;
    bind_names(writer->update_sas, writer->capture, id, &names);
    bind_optional(writer->update_sas, FOLLOWS_GENERATION, names.follows != NULL,
                  names.follows_generation);
    bind_FLAG(writer->update_sas, IS_REPLACED, names.is_replaced);
    return statement_run(writer->update_sas, error);
}

/* Whether the bonds of KIN are no longer those in its rows. */
static int is_changed(const struct kin *kin)
{
    struct bonds bonds = kin->bonds;

    bonds.mates_ns = kin->written.mates_ns; /* not written */
    return memcmp(&bonds, &kin->written, sizeof(bonds)) != 0;
}

struct event_context {
    struct event_writer *events;
    struct error *error;
};

static int write_event(void *context, const struct track_event *event)
{
    struct event_context *to = context;

    return event_writer_write(to->events, event, to->error);
}

int lineage_writer_write(struct lineage_writer *writer, int is_end, struct error *error)
{
    struct event_context context = {.events = writer->events, .error = error};
    struct lineage *lineage = &writer->lineage;

    for (size_t i = 0; i < lineage->count; i++)
        if (is_changed(&lineage->kin[i]) && update(writer, &lineage->kin[i], error) < 0)
            return -1;
    return rollover_check(lineage, is_end, write_event, &context);
}

void lineage_writer_settle(struct lineage_writer *writer, int is_committed)
{
    struct lineage *lineage = &writer->lineage;

    rollover_settle(lineage, is_committed);
    if (!is_committed) {
        lineage->ties.count = writer->ties; /* the batch comes again */
        return;
    }
    writer->ties = lineage->ties.count;
    for (size_t i = 0; i < lineage->count; i++)
        lineage->kin[i].written = lineage->kin[i].bonds;
}

int lineage_writer_end(struct lineage_writer *writer, uint64_t end_ns, struct error *error)
{
    const struct lineage *lineage = &writer->lineage;

    if (lineage_writer_write(writer, 1, error) < 0)
        return -1;
    for (size_t i = 0; i < lineage->count; i++) {
        const struct kin *kin = &lineage->kin[i];
        char id[FLOW_ID_CHARS];

        if (!kin->bonds.mates_ns || !lineage_goes_on(&kin->bonds, end_ns))
            continue;
        flow_id_format(&kin->key, id);
        sqlite3_bind_int64(writer->not_silent, CAPTURE, writer->capture);
        bind_TEXT(writer->not_silent, FLOW_ID, id);
        if (statement_run(writer->not_silent, error) < 0)
            return -1;
    }
    return 0;
}
