/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Finds a flow by an id that a user typed. Tries in turn: the id as sent and in the stored form;
 * the id as a prefix, if only one flow has it; the id without its source, as older databases store
 * it.
 */
#include <string.h>

#include "api/routes/flow_name.h"
#include "api/routes/flows.h"

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

/* Selects COLUMNS of the flow that has one of these ids. Returns whether it exists. */
static int find(struct call *call, const char *columns, const char *name, const struct forms *forms,
                sqlite3_stmt **statement)
{
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT %s FROM flows WHERE capture_id = ? AND flow_id IN (?, ?, ?)",
              columns);
    query_integer(&query, call->capture);
    query_text(&query, name);
    query_text(&query, forms->of_short);
    query_text(&query, forms->of_long);
    *statement = reader_select(call->reader, &query);
    return reader_next(call->reader, *statement);
}

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

static void answer_choices(struct call *call, sqlite3_stmt *statement, const char *first)
{
    struct json_writer *json = &call->answer->json;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_string(json, "error", "ambiguous");
    json_string(json, "message", "several flows have an id that begins like this: choose one");
    json_open(json, "choices", '[');
    json_string(json, NULL, first);
    do
        json_string(json, NULL, reader_text(statement, 0));
    while (reader_next(call->reader, statement));
    json_close(json, ']');
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
    call->answer->status = HTTP_MULTIPLE_CHOICES;
}

/* Finds the flows whose ids continue FORMS. Returns 1 and the id of the only one in FOUND of
 * FLOW_ID_CHARS; 0: there is none; -1 with the answer set: there are several. */
static int find_longer(struct call *call, const struct forms *forms, char *found)
{
    char ranges[4][FLOW_ID_CHARS];
    struct text text = text_over(found, FLOW_ID_CHARS);
    sqlite3_stmt *statement;
    struct query query;

    query_init(&query);
    query_add(&query, "SELECT flow_id FROM flows WHERE capture_id = ? AND (");
    query_integer(&query, call->capture);
    add_range(&query, forms->of_short, ranges[0], ranges[1]);
    query_add(&query, " OR ");
    add_range(&query, forms->of_long, ranges[2], ranges[3]);
    query_add(&query, ") ORDER BY flow_id LIMIT " CHOICES);
    statement = reader_select(call->reader, &query);
    if (!reader_next(call->reader, statement))
        return 0;
    text_add(&text, "%s", reader_text(statement, 0));
    if (!reader_next(call->reader, statement))
        return 1;
    answer_choices(call, statement, found);
    return -1;
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

int call_find_flow(struct call *call, const char *columns, sqlite3_stmt **statement)
{
    char name[FLOW_ID_CHARS];
    struct forms forms;
    int found;

    if (call_find_capture(call) < 0)
        return -1;
    flow_name_normalise(call->flow_name, HEX_DIGITS_SHORT, forms.of_short);
    flow_name_normalise(call->flow_name, HEX_DIGITS_LONG, forms.of_long);
    if (find(call, columns, call->flow_name, &forms, statement))
        return 0;
    found = find_longer(call, &forms, name);
    if (found < 0)
        return -1;
    if (found && find(call, columns, name, &forms, statement))
        return 0;
    if (cut_source(&forms) && find(call, columns, call->flow_name, &forms, statement))
        return 0;
    answer_error(call->answer, HTTP_NOT_FOUND, "the capture has no flow with this id");
    return -1;
}
