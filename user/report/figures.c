/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/figures.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "classify.h"

#define BITS_PER_BYTE 8
#define MEGA          1e6

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

double bandwidth_mbps(uint64_t bytes, uint64_t first_ns, uint64_t last_ns)
{
    double seconds;

    if (last_ns <= first_ns)
        return NAN;
    seconds = (double)(last_ns - first_ns) / (double)NS_PER_SECOND;
    return (double)bytes * BITS_PER_BYTE / seconds / MEGA;
}
