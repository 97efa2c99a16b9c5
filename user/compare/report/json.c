/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "figures/json.h"
#include "compare/report/rows.h"

#define WRITE(name, type, unit, null, value, meaning) json_##type(json, #name, value);

/* Writes a time in nanoseconds as milliseconds. */
static void write_ms(struct json_writer *json, const char *key, int is_known, double time_ns)
{
    json_number(json, key, is_known ? time_ns / NS_PER_MS : NAN);
}

static void write_point(struct json_writer *json, const char *key, const struct point *point)
{
    json_open(json, key, '{');
    json_string(json, "source", point->name);
    json_integer(json, "packets", point->frames);
    json_integer(json, "sas", point->sa_count);
    json_TIME(json, "first_timestamp", row_time(point->start_ns));
    json_TIME(json, "last_timestamp", row_time(point->end_ns));
    json_integer(json, "clock_steps", point->clock_steps);
    json_integer(json, "sas_omitted", point->omitted_sas);
    json_close(json, '}');
}

/* Writes the figures that exist for sums of SAs. */
static void write_sums(struct json_writer *json, const struct passage_figures *figures)
{
    const struct compared_row *row = &(struct compared_row){.figures = figures};

#define FIGURE(...)
#define SUM WRITE
#include "figures/compared_sa.def"
}

static void write_delay(struct json_writer *json, const struct delay_figures *delay)
{
    int is_known = delay->samples > 0;

    json_open(json, "delay_ms", '{');
    write_ms(json, "min", is_known, (double)delay->min);
    write_ms(json, "mean", is_known, delay->mean);
    write_ms(json, "p50", is_known, (double)delay->p50);
    write_ms(json, "p95", is_known, (double)delay->p95);
    write_ms(json, "p99", is_known, (double)delay->p99);
    json_integer(json, "samples", delay->samples);
    json_close(json, '}');
}

static void write_steps(struct json_writer *json, const struct passage_figures *figures)
{
    json_open(json, "delay_steps", '[');
    for (size_t i = 0; i < figures->times.step_count; i++) {
        json_open(json, NULL, '{');
        json_TIME(json, "timestamp", figures->times.steps[i].timestamp_ns);
        write_ms(json, "step_ms", 1, (double)figures->times.steps[i].by_ns);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_slices(struct json_writer *json, const struct passage_figures *figures)
{
    json_open(json, "over_time", '[');
    for (size_t i = 0; i < figures->times.slice_count; i++) {
        const struct delay_slice *slice = &figures->times.slices[i];

        json_open(json, NULL, '{');
        json_TIME(json, "timestamp", slice->first_ns);
        json_integer(json, "lost_between", slice->lost_between);
        write_delay(json, &slice->delay);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_sa(struct json_writer *json, const struct compared_sa *sa)
{
    struct compared_row filled;
    const struct compared_row *row = &filled;

    compared_row_fill(&filled, sa);
    json_new_line(json);
    json_open(json, NULL, '{');
#define FIGURE WRITE
#define STORED(...)
#include "figures/compared_sa.def"
    write_delay(json, &sa->figures.times.whole);
    write_steps(json, &sa->figures);
    write_slices(json, &sa->figures);
    json_close(json, '}');
}

static void write_lineages(struct json_writer *json, const struct comparison *comparison)
{
    char id[FLOW_ID_CHARS];

    json_new_line(json);
    json_open(json, "lineages", '[');
    for (size_t i = 0; i < comparison->lineage_count; i++) {
        const struct compared_lineage *lineage = &comparison->lineages[i];

        flow_id_format(&lineage->lineage, id);
        json_new_line(json);
        json_open(json, NULL, '{');
        json_string(json, "lineage", id);
        json_string(json, "direction", way_name(lineage->way));
        json_integer(json, "sas", lineage->sas);
        write_sums(json, &lineage->figures);
        json_close(json, '}');
    }
    json_close(json, ']');
}

void comparison_write_ways(struct json_writer *json, const char *key,
                           const struct comparison *comparison)
{
    json_open(json, key, '{');
    for (enum way way = WAY_A_TO_B; way <= WAY_B_TO_A; way++) {
        if (!comparison->sas_of[way])
            continue;
        json_open(json, way_name(way), '{');
        json_integer(json, "sas", comparison->sas_of[way]);
        json_integer(json, "sas_mixed", comparison->mixed_of[way]);
        write_sums(json, &comparison->total[way]);
        json_close(json, '}');
    }
    json_close(json, '}');
}

static void write_summary(struct json_writer *json, const struct comparison *comparison)
{
    struct passage_figures sum = comparison->total[WAY_A_TO_B];

    passage_figures_add(&sum, &comparison->total[WAY_B_TO_A]);
    json_new_line(json);
    json_open(json, "summary", '{');
    json_integer(json, "sas", comparison->count);
    write_sums(json, &sum);
    json_integer(json, "sas_mixed",
                 comparison->mixed_of[WAY_A_TO_B] + comparison->mixed_of[WAY_B_TO_A]);
    json_integer(json, "sas_only_at_a", comparison->only_a);
    json_integer(json, "sas_only_at_b", comparison->only_b);
    comparison_write_ways(json, "ways", comparison);
    json_close(json, '}');
}

void comparison_write_json(const struct comparison *comparison, FILE *to)
{
    struct json_writer json;

    json_begin(&json, to);
    json_open(&json, NULL, '{');
    write_point(&json, "a", comparison->a);
    json_new_line(&json);
    write_point(&json, "b", comparison->b);
    json_new_line(&json);
    json_number(&json, "clock_offset_ms", comparison_offset_ms(comparison));
    json_number(&json, "clock_offset_estimate_ms", comparison_offset_estimate_ms(comparison));
    json_number(&json, "clock_offset_bound_ms", comparison_offset_bound_ms(comparison));
    json_new_line(&json);
    json_open(&json, "sas", '[');
    for (size_t i = 0; i < comparison->count; i++)
        write_sa(&json, &comparison->sas[i]);
    json_close(&json, ']');
    write_lineages(&json, comparison);
    write_summary(&json, comparison);
    json_close(&json, '}');
    json_end(&json);
}
