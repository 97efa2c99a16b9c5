/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds a flow by an id that a user typed. Tries in turn: the id as sent and in the stored form;
 * the id as a prefix, if only one flow has it; the id without its source, as older databases store
 * it.
 */
#include <string.h>

#include "api/routes/flows/flow_name.h"
#include "api/routes/flows/flows.h"
#include "api/routes/list/rows.h"

#define END         " }"
#define MORE        ", "
#define BEHIND_MORE ",!" /* sorts after every id that continues with MORE */
#define SOURCE      ", src: "
#define CHOICES     "20" /* the longest list of choices */

/* The id with short and with long hexadecimal numbers, as different protocols store them. */
struct forms {
    char of_short[FLOW_ID_CHARS];
    char of_long[FLOW_ID_CHARS];
};

/* Writes the first AT characters of ID and then END to WRITTEN of FLOW_ID_CHARS. */
static void cut(const char *id, size_t at, const char *end, char *written)
{
    struct text text = text_over(written, FLOW_ID_CHARS);

    text_add(&text, "%.*s%s", (int)at, id, end);
}

/* Adds the condition that an id continues ID. FROM and UNTIL get the limits of the range. */
static void add_range(struct query *query, const char *id, char *from, char *until)
{
    size_t length = strlen(id);
    int has_end = length >= strlen(END) && strcmp(id + length - strlen(END), END) == 0;
    size_t at = has_end ? length - strlen(END) : length;

    cut(id, at, MORE, from);
    cut(id, at, BEHIND_MORE, until);
    query_add(query, "flow_id >= ? AND flow_id < ?");
    query_text(query, from);
    query_text(query, until);
}

/* Begins a query for the flows that may be meant. */
static void begin_query(struct query *query, const struct call *call)
{
    char captures[SCOPE_CHARS];

    scope_condition(&call->scope, captures);
    query_init(query);
    query_add(query, "SELECT id, flow_id" CAPTURE_LABELS " FROM flows WHERE capture_id%s AND (",
              captures);
}

static void add_forms(struct query *query, const char *name, const struct forms *forms)
{
    query_add(query, "flow_id IN (?, ?, ?)");
    query_text(query, name);
    query_text(query, forms->of_short);
    query_text(query, forms->of_long);
}

static void write_choice(struct json_writer *json, sqlite3_stmt *statement)
{
    json_new_line(json);
    json_open(json, NULL, '{');
    json_string(json, "flow_id", reader_text(statement, 1));
    json_integer(json, "capture_id", (uint64_t)sqlite3_column_int64(statement, 2));
    json_string(json, "interface", reader_text(statement, 3));
    json_close(json, '}');
}

/* Answers with the rows of QUERY. */
static void answer_choices(struct call *call, const struct query *query)
{
    struct json_writer *json = &call->answer->json;
    sqlite3_stmt *statement = reader_select(call->reader, query);

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_string(json, "error", "ambiguous");
    json_string(json, "message",
                "several flows or captures match: choose a flow_id, and a capture");
    json_open(json, "choices", '[');
    while (reader_next(call->reader, statement))
        write_choice(json, statement);
    json_close(json, ']');
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
    call->answer->status = HTTP_MULTIPLE_CHOICES;
}

/* Runs QUERY, begun by begin_query(). Returns 1 and the only flow's row id in FLOW, and sets the
 * scope to its capture; 0: there is none; -1 with the answer set: there are several. */
static int find_only(struct call *call, struct query *query, int64_t *flow)
{
    sqlite3_stmt *statement;
    int64_t capture;

    query_add(query, ") ORDER BY flow_id, capture_id DESC LIMIT " CHOICES);
    statement = reader_select(call->reader, query);
    if (!reader_next(call->reader, statement))
        return 0;
    *flow = sqlite3_column_int64(statement, 0);
    capture = sqlite3_column_int64(statement, 2);
    if (reader_next(call->reader, statement)) {
        answer_choices(call, query);
        return -1;
    }
    call->scope = (struct scope){.captures = {capture}, .count = 1};
    return 1;
}

static int find_exact(struct call *call, const struct forms *forms, int64_t *flow)
{
    struct query query;

    begin_query(&query, call);
    add_forms(&query, call->flow_name, forms);
    return find_only(call, &query, flow);
}

/* Finds the flow whose id continues FORMS. */
static int find_longer(struct call *call, const struct forms *forms, int64_t *flow)
{
    char ranges[4][FLOW_ID_CHARS];
    struct query query;

    begin_query(&query, call);
    add_range(&query, forms->of_short, ranges[0], ranges[1]);
    query_add(&query, " OR ");
    add_range(&query, forms->of_long, ranges[2], ranges[3]);
    return find_only(call, &query, flow);
}

/* Removes the source from both forms. Returns whether they had one. */
static int cut_source(struct forms *forms)
{
    char *of_short = strstr(forms->of_short, SOURCE);
    char *of_long = strstr(forms->of_long, SOURCE);

    if (!of_short || !of_long)
        return 0;
    strcpy(of_short, END); /* shorter than the text that it replaces */
    strcpy(of_long, END);
    return 1;
}

/* Returns 1 and the row id in FLOW, or else as find_only(). */
static int find_flow(struct call *call, int64_t *flow)
{
    struct forms forms;
    int found;

    flow_name_normalise(call->flow_name, HEX_DIGITS_SHORT, forms.of_short);
    flow_name_normalise(call->flow_name, HEX_DIGITS_LONG, forms.of_long);
    found = find_exact(call, &forms, flow);
    if (!found)
        found = find_longer(call, &forms, flow);
    if (!found && cut_source(&forms))
        found = find_exact(call, &forms, flow);
    return found;
}

int call_find_flow(struct call *call, const char *columns, sqlite3_stmt **statement)
{
    struct query query;
    int64_t flow = 0;
    int found;

    if (call_find_captures(call) < 0)
        return -1;
    found = find_flow(call, &flow);
    if (!found)
        answer_error(call->answer, HTTP_NOT_FOUND, "the capture has no flow with this id");
    if (found <= 0)
        return -1;
    query_init(&query);
    query_add(&query, "SELECT %s FROM flows WHERE id = ?", columns);
    query_integer(&query, flow);
    *statement = reader_select(call->reader, &query);
    return reader_next(call->reader, *statement) ? 0 : -1;
}
