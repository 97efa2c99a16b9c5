/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "api/routes/request/parameter_table.h"
#include "base/json_writer.h"
#include "generate/output.h"

#define FLOW_ID_MARK "{flow_id}"
#define OPEN_ROUTE   "/health" /* the only route that needs no token */

static const struct route {
    const char *path;
    uint32_t parameters;
    int needs_database;
    const char *schema;
    const char *summary;
} routes[] = {
#define ROUTE(path, answer, parameters, needs_database, schema, summary)                           \
    {path, parameters, needs_database, schema, summary},
#include "api/routes/routes.def"
};

static void write_reference(struct json_writer *json, const char *key, const char *kind,
                            const char *name)
{
    char reference[128];

    snprintf(reference, sizeof(reference), "#/components/%s/%s", kind, name);
    json_open(json, key, '{');
    json_string(json, "$ref", reference);
    json_close(json, '}');
}

/* Lists are also there as CSV, with a column for each figure. */
static void write_csv(struct json_writer *json)
{
    json_open(json, "text/csv", '{');
    json_open(json, "schema", '{');
    json_string(json, "type", "string");
    json_close(json, '}');
    json_close(json, '}');
}

/* Writes the answer of a successful request. */
static void write_answer(struct json_writer *json, const struct route *route)
{
    int is_json = *route->schema && !strchr(route->schema, '/');

    json_open(json, "200", '{');
    json_string(json, "description", route->summary);
    json_open(json, "content", '{');
    json_open(json,
              is_json          ? "application/json"
              : *route->schema ? route->schema
                               : "text/plain",
              '{');
    if (is_json) {
        write_reference(json, "schema", "schemas", route->schema);
    } else {
        json_open(json, "schema", '{');
        json_string(json, "type", "string");
        json_close(json, '}');
    }
    json_close(json, '}');
    if (route->parameters & GIVEN(PARAMETER_LIMIT))
        write_csv(json);
    json_close(json, '}');
    json_close(json, '}');
}

static void write_responses(struct json_writer *json, const struct route *route)
{
    int has_flow = strstr(route->path, FLOW_ID_MARK) != NULL;
    const struct {
        const char *status;
        int is_possible;
    } others[] = {
        {"300", has_flow},
        {"400", 1},
        {"401", strcmp(route->path, OPEN_ROUTE) != 0},
        {"404", has_flow || (route->parameters & GIVEN(PARAMETER_CAPTURE))},
        {"503", route->needs_database},
    };

    json_open(json, "responses", '{');
    write_answer(json, route);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (others[i].is_possible)
            write_reference(json, others[i].status, "responses", others[i].status);
    json_close(json, '}');
}

static void write_parameters_of(struct json_writer *json, const struct route *route)
{
    int has_flow = strstr(route->path, FLOW_ID_MARK) != NULL;

    if (!has_flow && !route->parameters)
        return;
    json_open(json, "parameters", '[');
    if (has_flow)
        write_reference(json, NULL, "parameters", "flow_id");
    for (int i = 0; i < PARAMETER_COUNT; i++)
        if (route->parameters & GIVEN(i))
            write_reference(json, NULL, "parameters", parameter_rows[i].name);
    json_close(json, ']');
}

void openapi_paths(void)
{
    struct json_writer json;

    json_begin(&json, stdout);
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        json_new_line(&json);
        json_open(&json, routes[i].path, '{');
        json_open(&json, "get", '{');
        json_string(&json, "summary", routes[i].summary);
        write_responses(&json, &routes[i]);
        write_parameters_of(&json, &routes[i]);
        json_close(&json, '}');
        json_close(&json, '}');
    }
    json_end(&json);
}

static void write_words(struct json_writer *json, const char *const *words)
{
    json_open(json, "enum", '[');
    for (size_t i = 0; words[i]; i++)
        if (*words[i])
            json_string(json, NULL, words[i]);
    json_close(json, ']');
}

static void write_schema(struct json_writer *json, const struct parameter_row *row)
{
    int is_number = row->kind == KIND_WHOLE || row->kind == KIND_DECIMAL;
    const char *number = row->kind == KIND_WHOLE ? "integer" : "number";

    json_open(json, "schema", '{');
    json_string(json, "type", is_number ? number : "string");
    if (is_number)
        json_integer(json, "minimum", (uint64_t)row->min);
    if (row->kind == KIND_WHOLE && row->max < INT64_MAX)
        json_integer(json, "maximum", (uint64_t)row->max);
    if (row->kind == KIND_TEXT)
        json_integer(json, "minLength", 1);
    if (row->words)
        write_words(json, row->words);
    if (row->usual)
        json_raw(json, "default", row->usual);
    json_close(json, '}');
}

void openapi_parameters(void)
{
    struct json_writer json;

    json_begin(&json, stdout);
    for (int i = 0; i < PARAMETER_COUNT; i++) {
        const struct parameter_row *row = &parameter_rows[i];

        json_new_line(&json);
        json_open(&json, row->name, '{');
        json_string(&json, "name", row->name);
        json_string(&json, "in", "query");
        json_boolean(&json, "required", 0);
        write_schema(&json, row);
        json_string(&json, "description", row->meaning);
        json_close(&json, '}');
    }
    json_end(&json);
}
