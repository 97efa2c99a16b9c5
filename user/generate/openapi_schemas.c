/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "api/routes/request/parameters.h"
#include "base/json_writer.h"
#include "generate/output.h"
#include "protocols.h"
#include "track/event.h"

static const char *const causes[] = {"network", "undetermined", NULL};
static const char *const views[] = {"possible", NULL};
static const char *const certainties[] = {"certain", "probable", NULL};
static const char *const directions[] = {"a_to_b", "b_to_a", NULL};
static const char *const kinds[] = {
#define ROW(kind, name) #name,
    EVENT_TABLE(ROW)
#undef ROW
        NULL,
};
static const char *const protocols[] = {
#define ROW(id, name, ...) #name,
    PROTOCOL_TABLE(ROW)
#undef ROW
        NULL,
};

/* The JSON schema of the values of each type. */
static const struct schema {
    const char *types[2];
    const char *format;
    const char *pattern;
    int has_minimum;
    uint64_t minimum;
    uint64_t maximum;         /* 0: no limit */
    const char *const *words; /* ends with NULL */
} schemas[] = {
    [FIGURE_COUNT] = {.types = {"integer"}, .has_minimum = 1},
    [FIGURE_SIZE] = {.types = {"integer"}, .has_minimum = 1, .minimum = 1},
    [FIGURE_NUMBER] = {.types = {"integer", "string"}, .has_minimum = 1, .pattern = "^[0-9]+$"},
    [FIGURE_ID] = {.types = {"integer"}, .has_minimum = 1, .minimum = 1},
    [FIGURE_FLAG] = {.types = {"boolean"}},
    [FIGURE_RATIO] = {.types = {"number"}, .has_minimum = 1, .maximum = 1},
    [FIGURE_REAL] = {.types = {"number"}, .has_minimum = 1},
    [FIGURE_DIFFERENCE] = {.types = {"number"}},
    [FIGURE_SECONDS] = {.types = {"number"}, .has_minimum = 1},
    [FIGURE_MS] = {.types = {"number"}, .has_minimum = 1},
    [FIGURE_TIME] = {.types = {"string"}, .format = "date-time"},
    [FIGURE_TEXT] = {.types = {"string"}},
    [FIGURE_PROTOCOL] = {.types = {"string"}, .words = protocols},
    [FIGURE_CAUSE] = {.types = {"string"}, .words = causes},
    [FIGURE_VIEW] = {.types = {"string"}, .words = views},
    [FIGURE_CERTAINTY] = {.types = {"string"}, .words = certainties},
    [FIGURE_DIRECTION] = {.types = {"string"}, .words = directions},
    [FIGURE_KIND] = {.types = {"string"}, .words = kinds},
    [FIGURE_JSON] = {.types = {"object"}},
};

static void write_types(struct json_writer *json, const struct schema *schema, int may_be_null)
{
    json_open(json, "type", '[');
    for (size_t i = 0; i < 2 && schema->types[i]; i++)
        json_string(json, NULL, schema->types[i]);
    if (may_be_null)
        json_string(json, NULL, "null");
    json_close(json, ']');
}

static void write_words(struct json_writer *json, const struct schema *schema, int may_be_null)
{
    json_open(json, "enum", '[');
    for (size_t i = 0; schema->words[i]; i++)
        json_string(json, NULL, schema->words[i]);
    if (may_be_null)
        json_null(json, NULL);
    json_close(json, ']');
}

static void write_limits(struct json_writer *json, const struct schema *schema)
{
    if (schema->has_minimum)
        json_integer(json, "minimum", schema->minimum);
    if (schema->maximum)
        json_integer(json, "maximum", schema->maximum);
    if (schema->format)
        json_string(json, "format", schema->format);
    if (schema->pattern)
        json_string(json, "pattern", schema->pattern);
}

static void write_meaning(struct json_writer *json, const struct line *line, int is_new)
{
    const char *null = null_text(line->null);
    char text[512];
    size_t used = (size_t)snprintf(text, sizeof(text), "%s", line->meaning);

    if (strcmp(line->unit, "none") != 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "; in %s", line->unit);
    if (line->type == FIGURE_NUMBER)
        used += (size_t)snprintf(text + used, sizeof(text) - used,
                                 "; a string of digits when it is above 2^53");
    if (*null || is_new)
        snprintf(text + used, sizeof(text) - used, "; null %s%s%s", null,
                 *null && is_new ? ", and " : "", is_new ? "in rows of older databases" : "");
    json_string(json, "description", text);
}

/* Writes the schema of LINE. IS_NEW: rows of older databases have no value. */
static void write_property(struct json_writer *json, const struct line *line, int is_new)
{
    const struct schema *schema = &schemas[line->type];
    int may_be_null = *null_text(line->null) || is_new;

    json_new_line(json);
    json_open(json, line->name, '{');
    write_types(json, schema, may_be_null);
    if (schema->words)
        write_words(json, schema, may_be_null);
    write_limits(json, schema);
    write_meaning(json, line, is_new);
    json_close(json, '}');
}

static void write_properties(struct json_writer *json, const struct table *table)
{
    int is_new = 0;

    for (size_t i = 0; i < table->count; i++) {
        const struct line *line = &table->lines[i];

        if (line->mark == MARK_SINCE)
            is_new = 1;
        else
            write_property(json, line, is_new && line->null != NULL_AT_0);
    }
}

static void write_names(struct json_writer *json, const struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->lines[i].mark != MARK_SINCE)
            json_string(json, NULL, table->lines[i].name);
}

/* Ends the properties of an object, and begins the list of those that are always present. */
static void begin_required(struct json_writer *json)
{
    json_close(json, '}');
    json_new_line(json);
    json_open(json, "required", '[');
}

static void end_object(struct json_writer *json)
{
    json_close(json, ']');
    json_boolean(json, "additionalProperties", 0);
    json_close(json, '}');
}

/* Begins an object NAME. MEANING may be NULL. */
static void begin_object(struct json_writer *json, const char *name, const char *meaning)
{
    json_open(json, name, '{');
    json_string(json, "type", "object");
    if (meaning)
        json_string(json, "description", meaning);
    json_open(json, "properties", '{');
}

/* The members that rows of all captures have besides their figures. */
static const struct line labels[] = {
    {.name = "capture_id", .type = FIGURE_ID, .unit = "none", .meaning = "the `id` of the capture"},
    {.name = "interface",
     .type = FIGURE_TEXT,
     .unit = "none",
     .meaning = "the `source` of the capture: its interface or files"},
};

#define LABEL_COUNT (sizeof(labels) / sizeof(labels[0]))

void openapi_object(const char *name, const struct table *table, int is_labelled)
{
    struct json_writer json;

    json_begin(&json, stdout);
    begin_object(&json, name, NULL);
    write_properties(&json, table);
    for (size_t i = 0; is_labelled && i < LABEL_COUNT; i++)
        write_property(&json, &labels[i], 0);
    begin_required(&json);
    write_names(&json, table);
    for (size_t i = 0; is_labelled && i < LABEL_COUNT; i++)
        json_string(&json, NULL, labels[i].name);
    end_object(&json);
    json_end(&json);
}

static void write_count(struct json_writer *json, const char *name, const char *meaning)
{
    json_open(json, name, '{');
    json_string(json, "type", "integer");
    json_integer(json, "minimum", 0);
    json_string(json, "description", meaning);
    json_close(json, '}');
}

/* Writes the members of a list that describe its size and its next page. */
static void write_page(struct json_writer *json)
{
    static const struct line exact = {
        .name = "total_is_exact",
        .type = FIGURE_FLAG,
        .unit = "none",
        .meaning = "false: `total` is a lower bound, because there were too many to count",
    };
    static const struct line next = {
        .name = "next",
        .type = FIGURE_TEXT,
        .unit = "none",
        .meaning = "the parameter `after` of the next page; null on the last one",
    };

    write_count(json, "count", "Elements in this answer.");
    write_count(json, "total", "Elements without limit and offset.");
    write_property(json, &exact, 0);
    json_open(json, next.name, '{');
    write_types(json, &schemas[next.type], 1);
    json_string(json, "description", next.meaning);
    json_close(json, '}');
}

/* Writes the schema of the elements: ITEM, or OTHER unless that is "". */
static void write_items(struct json_writer *json, const char *item, const char *other)
{
    char references[2][128];

    snprintf(references[0], sizeof(references[0]), "#/components/schemas/%s", item);
    snprintf(references[1], sizeof(references[1]), "#/components/schemas/%s", other);
    json_open(json, "items", '{');
    if (*other)
        json_open(json, "anyOf", '[');
    for (int i = 0; *other && i < 2; i++) {
        json_open(json, NULL, '{');
        json_string(json, "$ref", references[i]);
        json_close(json, '}');
    }
    if (*other)
        json_close(json, ']');
    else
        json_string(json, "$ref", references[0]);
    json_close(json, '}');
}

void openapi_list(const char *name, const char *item, const char *other)
{
    struct json_writer json;

    json_begin(&json, stdout);
    begin_object(&json, name, NULL);
    json_open(&json, name, '{');
    json_string(&json, "type", "array");
    json_integer(&json, "maxItems", LIMIT_MAX);
    write_items(&json, item, other);
    json_close(&json, '}');
    write_page(&json);
    begin_required(&json);
    json_string(&json, NULL, name);
    json_string(&json, NULL, "count");
    json_string(&json, NULL, "total");
    json_string(&json, NULL, "total_is_exact");
    json_string(&json, NULL, "next");
    end_object(&json);
    json_end(&json);
}

/* Writes an object NAME with a count, described by MEANING, for each of WORDS. */
static void write_counts(struct json_writer *json, const char *name, const char *const *words,
                         const char *meaning)
{
    begin_object(json, name, meaning);
    for (size_t i = 0; words[i]; i++)
        write_count(json, words[i], meaning);
    begin_required(json);
    for (size_t i = 0; words[i]; i++)
        json_string(json, NULL, words[i]);
    end_object(json);
}

void openapi_summary(void)
{
    const struct table *totals = table_find("total");
    const struct line bandwidth = {
        .name = "avg_bandwidth_mbps",
        .type = FIGURE_REAL,
        .unit = "Mb/s",
        .null = NULL_NO_TIME,
        .meaning = "of all flows, from the first to the last frame",
    };
    const struct line ratio = {
        .name = "loss_ratio",
        .type = FIGURE_RATIO,
        .unit = "none",
        .null = NULL_NOTHING,
        .meaning = "`lost_network` / (`lost_network` + packets with sequence numbers)",
    };
    struct json_writer json;

    json_begin(&json, stdout);
    begin_object(&json, "summary", NULL);
    write_properties(&json, totals);
    write_property(&json, &ratio, 0);
    write_counts(&json, "lost_by_cause", causes,
                 "the part of `total_lost_packets` that has this cause");
    write_property(&json, &bandwidth, 0);
    write_counts(&json, "protocol_distribution", protocols, "packets of this protocol");
    /* Summaries of a period have fewer figures. */
    begin_required(&json);
    json_string(&json, NULL, "total_flows");
    json_string(&json, NULL, "lost_network");
    json_string(&json, NULL, "lost_undetermined");
    json_string(&json, NULL, ratio.name);
    json_string(&json, NULL, bandwidth.name);
    end_object(&json);
    json_end(&json);
}
