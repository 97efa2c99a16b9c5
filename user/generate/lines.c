/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "generate/lines.h"

#include <string.h>

#define LINE(mark, name, type, unit, null, value, meaning)                                         \
    {MARK_##mark, 0, #name, FIGURE_##type, #unit, NULL_##null, meaning},
#define ROWID_LINE(name, meaning) {MARK_ROWID, 0, #name, FIGURE_ID, "none", NULL_NEVER, meaning},
#define SINCE_LINE(version)       {.mark = MARK_SINCE, .since = (version)},

static const struct line flow_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define KEY(...)             LINE(KEY, __VA_ARGS__)
#define STORED(...)          LINE(STORED, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/flow.def"
};

static const struct line sa_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define KEY(...)             LINE(KEY, __VA_ARGS__)
#define STORED(...)          LINE(STORED, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/sa.def"
};

static const struct line peers_lines[] = {
#define FIGURE(...) LINE(FIGURE, __VA_ARGS__)
#include "figures/peers.def"
};

static const struct line gap_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define KEY(...)             LINE(KEY, __VA_ARGS__)
#define STORED(...)          LINE(STORED, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/gap.def"
};

static const struct line event_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define KEY(...)             LINE(KEY, __VA_ARGS__)
#define STORED(...)          LINE(STORED, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/event.def"
};

static const struct line interval_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define KEY(...)             LINE(KEY, __VA_ARGS__)
#define STORED(...)          LINE(STORED, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/interval.def"
};

static const struct line capture_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#define SINCE(version)       SINCE_LINE(version)
#include "figures/capture.def"
};

static const struct line total_lines[] = {
#define FIGURE(...)
#define TOTAL_ADD(...)   LINE(FIGURE, __VA_ARGS__)
#define TOTAL_MAX(...)   LINE(FIGURE, __VA_ARGS__)
#define TOTAL_FIRST(...) LINE(FIGURE, __VA_ARGS__)
#define TOTAL_LAST(...)  LINE(FIGURE, __VA_ARGS__)
#include "figures/capture.def"
};

static const struct line comparison_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#include "figures/comparison.def"
};

static const struct line compared_sa_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#include "figures/compared_sa.def"
};

static const struct line compared_delay_lines[] = {
#define FIGURE(...)          LINE(FIGURE, __VA_ARGS__)
#define ROWID(name, meaning) ROWID_LINE(name, meaning)
#include "figures/compared_delay.def"
};

#define TABLE(name)                                                                                \
    {                                                                                              \
#name, name##_lines, sizeof(name##_lines) / sizeof(name##_lines[0])                        \
    }

static const struct table tables[] = {
    TABLE(flow),       TABLE(sa),          TABLE(peers),          TABLE(gap),
    TABLE(event),      TABLE(interval),    TABLE(capture),        TABLE(total),
    TABLE(comparison), TABLE(compared_sa), TABLE(compared_delay),
};

const struct table *table_find(const char *name)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        if (strcmp(tables[i].name, name) == 0)
            return &tables[i];
    return NULL;
}

const char *unit_text(const struct line *line)
{
    static const char *const texts[] = {
#define ROW(type, said) [FIGURE_##type] = said,
        FIGURE_TYPES(ROW)
#undef ROW
    };

    return strcmp(line->unit, "none") == 0 ? texts[line->type] : line->unit;
}

const char *null_text(enum figure_null null)
{
    static const char *const texts[] = {
#define ROW(rule, said) [NULL_##rule] = said,
        FIGURE_NULLS(ROW)
#undef ROW
    };

    return texts[null];
}
