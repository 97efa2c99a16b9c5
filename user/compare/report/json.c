/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/json_writer.h"
#include "base/timestamp.h"
#include "base/units.h"
#include "compare/report/report.h"
#include "flow/id.h"

static void write_time(struct json_writer *json, const char *key, uint64_t time_ns)
{
    char timestamp[TIMESTAMP_CHARS];

    if (!time_ns) {
        json_null(json, key);
        return;
    }
    timestamp_format(time_ns, timestamp);
    json_string(json, key, timestamp);
}

static void write_ms(struct json_writer *json, const char *key, int is_known, double time_ns)
{
    if (is_known)
        json_number(json, key, time_ns / NS_PER_MS);
    else
        json_null(json, key);
}

static void write_point(struct json_writer *json, const char *key, const struct point *point)
{
    json_open(json, key, '{');
    json_string(json, "source", point->name);
    json_integer(json, "packets", point->frames);
    json_integer(json, "sas", point->sa_count);
    write_time(json, "first_timestamp", point->start_ns);
    write_time(json, "last_timestamp", point->end_ns);
    json_integer(json, "clock_steps", point->clock_steps);
    json_integer(json, "sas_omitted", point->omitted_sas);
    json_close(json, '}');
}

static void write_counts(struct json_writer *json, const struct passage_figures *figures)
{
    json_integer(json, "passed_both", figures->received_both);
    json_integer(json, "lost_before_a", figures->lost_before);
    json_integer(json, "lost_between", figures->lost_between);
    json_integer(json, "lost_tail", figures->lost_tail);
    json_integer(json, "lost_undetermined", figures->lost_undetermined);
    json_integer(json, "missed_by_a", figures->missed);
    json_integer(json, "duplicated_between", figures->duplicated);
    json_integer(json, "reordered_between", figures->reordered);
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
        write_time(json, "timestamp", figures->times.steps[i].timestamp_ns);
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
        write_time(json, "timestamp", slice->first_ns);
        json_integer(json, "lost_between", slice->lost_between);
        write_delay(json, &slice->delay);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_lineage_id(struct json_writer *json, struct flow_key lineage)
{
    char id[FLOW_ID_CHARS];

    if (!lineage.protocol) {
        json_null(json, "lineage");
        return;
    }
    flow_id_format(&lineage, id);
    json_string(json, "lineage", id);
}

static void write_sa(struct json_writer *json, const struct compared_sa *sa)
{
    const struct sa_change *identity = compared_identity(sa);
    char id[FLOW_ID_CHARS];

    flow_id_format(&identity->key, id);
    json_new_line(json);
    json_open(json, NULL, '{');
    json_string(json, "flow_id", id);
    json_integer(json, "association", identity->association);
    write_lineage_id(json, compared_lineage_of(sa));
    json_string(json, "direction", way_name(sa->way));
    write_counts(json, &sa->figures);
    write_delay(json, &sa->figures.times.whole);
    write_steps(json, &sa->figures);
    write_slices(json, &sa->figures);
    write_time(json, "first_timestamp", sa->figures.first_ns);
    write_time(json, "last_timestamp", sa->figures.last_ns);
    json_close(json, '}');
}

static void write_lineages(struct json_writer *json, const struct comparison *comparison)
{
    json_new_line(json);
    json_open(json, "lineages", '[');
    for (size_t i = 0; i < comparison->lineage_count; i++) {
        const struct compared_lineage *lineage = &comparison->lineages[i];

        json_new_line(json);
        json_open(json, NULL, '{');
        write_lineage_id(json, lineage->lineage);
        json_string(json, "direction", way_name(lineage->way));
        json_integer(json, "sas", lineage->sas);
        write_counts(json, &lineage->figures);
        write_time(json, "first_timestamp", lineage->figures.first_ns);
        write_time(json, "last_timestamp", lineage->figures.last_ns);
        json_close(json, '}');
    }
    json_close(json, ']');
}

static void write_summary(struct json_writer *json, const struct comparison *comparison)
{
    struct passage_figures sum = comparison->total[WAY_A_TO_B];

    passage_figures_add(&sum, &comparison->total[WAY_B_TO_A]);
    json_new_line(json);
    json_open(json, "summary", '{');
    json_integer(json, "sas", comparison->count);
    write_counts(json, &sum);
    json_integer(json, "sas_only_at_a", comparison->only_a);
    json_integer(json, "sas_only_at_b", comparison->only_b);
    write_time(json, "first_timestamp", sum.first_ns);
    write_time(json, "last_timestamp", sum.last_ns);
    json_close(json, '}');
}

void comparison_write_json(const struct comparison *comparison, FILE *to)
{
    int has_times = comparison->samples[WAY_A_TO_B] || comparison->samples[WAY_B_TO_A];
    int has_both = comparison->has_both_ways;
    struct json_writer json;

    json_begin(&json, to);
    json_open(&json, NULL, '{');
    write_point(&json, "a", comparison->a);
    json_new_line(&json);
    write_point(&json, "b", comparison->b);
    json_new_line(&json);
    write_ms(&json, "clock_offset_ms", has_times, (double)comparison_offset_ns(comparison));
    write_ms(&json, "clock_offset_estimate_ms", has_both,
             comparison_offset_estimate_ns(comparison));
    write_ms(&json, "clock_offset_bound_ms", has_both, comparison_offset_bound_ns(comparison));
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
