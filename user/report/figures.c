/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/figures.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "classify.h"

#define BITS_PER_BYTE 8
#define MEGA          1e6

/* A view is possibly partial from so many gaps and such loss on, with shorter runs than this. */
#define PARTIAL_GAPS 20
#define PARTIAL_LOSS 0.1
#define PARTIAL_RUNS 1.5

/* A flow is silent after so many of its longest gaps between frames, and SILENCE_NS at least. */
#define SILENCE_GAPS 10

void flow_id_format(const struct flow_key *key, char *id)
{
    struct text text = text_over(id, FLOW_ID_CHARS);

    switch (key->protocol) {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, numbered)                           \
    case OUTCOME_##id:                                                                             \
        name##_flow_id(&text, key);                                                                \
        break;
        PROTOCOL_TABLE(ROW)
#undef ROW
    }
}

void timestamp_format(uint64_t time_ns, char *timestamp)
{
    time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
    struct text text = text_over(timestamp, TIMESTAMP_CHARS);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    text_add(&text, "%04d-%02d-%02dT%02d:%02d:%02d.%09lluZ", utc.tm_year + 1900, utc.tm_mon + 1,
             utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
             (unsigned long long)(time_ns % NS_PER_SECOND));
}

const char *outcome_name(enum outcome outcome)
{
    static const char *const names[OUTCOME_COUNT] = {
#define ROW(id, name, ...) [OUTCOME_##id] = #name,
        PROTOCOL_TABLE(ROW) REASON_TABLE(ROW)
#undef ROW
    };

    return names[outcome];
}

enum outcome outcome_of_name(const char *name)
{
    for (enum outcome i = OUTCOME_NONE + 1; i < OUTCOME_COUNT; i++)
        if (outcome_name(i) && strcmp(outcome_name(i), name) == 0)
            return i;
    return OUTCOME_NONE;
}

const char *outcome_label(enum outcome outcome)
{
    static const char *const labels[OUTCOME_COUNT] = {
#define ROW(id, name, label, ...) [OUTCOME_##id] = label,
        PROTOCOL_TABLE(ROW)
#undef ROW
#define ROW(id, name, label) [OUTCOME_##id] = label,
            REASON_TABLE(ROW)
#undef ROW
    };

    return labels[outcome];
}

double loss_ratio(const struct sequence_figures *figures)
{
    uint64_t lost = figures->lost[CAUSE_NETWORK];
    uint64_t sent = lost + figures->received;

    return sent ? (double)lost / (double)sent : NAN;
}

double loss_run_ratio(const struct sequence_figures *figures)
{
    double lost = (double)figures_lost(figures);

    if (!figures->gaps)
        return NAN;
    return lost / (double)figures->gaps * (1 - lost / (lost + (double)figures->received));
}

int is_partial_view(const struct sequence_figures *figures)
{
    return figures->gaps >= PARTIAL_GAPS && loss_ratio(figures) > PARTIAL_LOSS &&
           loss_run_ratio(figures) < PARTIAL_RUNS;
}

int is_silent(uint64_t last_ns, uint64_t longest_ns, uint64_t now_ns)
{
    uint64_t since_ns = now_ns > last_ns ? now_ns - last_ns : 0;

    return since_ns >= SILENCE_NS && since_ns / SILENCE_GAPS >= longest_ns;
}

double bandwidth_mbps(uint64_t bytes, uint64_t first_ns, uint64_t last_ns)
{
    double seconds;

    if (last_ns <= first_ns)
        return NAN;
    seconds = (double)(last_ns - first_ns) / (double)NS_PER_SECOND;
    return (double)bytes * BITS_PER_BYTE / seconds / MEGA;
}
