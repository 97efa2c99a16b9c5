/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/outcome_name.h"

#include <string.h>

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

const char *association_name(enum outcome protocol)
{
    if (protocol == OUTCOME_MACSEC)
        return "AN";
    return protocol == OUTCOME_DTLS ? "Epoch" : NULL;
}

int outcome_number_end(enum outcome protocol)
{
    static const int ends[OUTCOME_COUNT] = {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, ...)               \
    [OUTCOME_##id] = end,
        PROTOCOL_TABLE(ROW)
#undef ROW
    };

    return ends[protocol];
}
