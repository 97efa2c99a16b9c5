// SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const kind_names[] = {
#define ROW(id, name, offset) [FRAME_##id] = name,
    FRAME_KIND_TABLE(ROW)
#undef ROW
};

static const uint32_t number_offsets[] = {
#define ROW(id, name, offset) [FRAME_##id] = offset,
    FRAME_KIND_TABLE(ROW)
#undef ROW
};

uint64_t plan_number(const struct plan *plan, uint64_t index)
{
    index += plan->after;
    return 1 + index + (plan->lose_every ? index / (plan->lose_every - 1) : 0);
}

struct flow *plan_flows(const struct plan *plan)
{
    struct flow *flows = calloc(plan->flow_count, sizeof(*flows));
    uint32_t count = 0;

    for (enum frame_kind kind = 0; flows && kind < FRAME_KINDS; kind++)
        for (uint32_t i = 0; i < plan->flows[kind]; i++)
            flows[count++] = (struct flow){
                .kind = kind, .id = plan->first_flow + i, .number_offset = number_offsets[kind]};
    return flows;
}

void plan_frame(const struct plan *plan, const struct flow *flow, unsigned char *frame)
{
    for (uint32_t i = 0; i < plan->length; i++)
        frame[i] = (unsigned char)((i ^ flow->id) * FRAME_SPREAD >> 24); /* looks like ciphertext */
    put_headers(frame, flow->kind, flow->id, 0, plan->length);
}

/* Prints what was sent of the flows of KIND. FIRST is the index of the first of them. */
static void print_kind(const struct plan *plan, enum frame_kind kind, uint32_t first)
{
    uint64_t packets = 0, skipped = 0;

    for (uint32_t i = first; i < first + plan->flows[kind]; i++) {
        uint64_t frames = plan->packets / plan->flow_count + (i < plan->packets % plan->flow_count);

        packets += frames;
        if (frames && number_offsets[kind])
            skipped += plan_number(plan, frames - 1) - plan_number(plan, 0) - (frames - 1);
    }
    printf("\"%s\": {\"flows\": %" PRIu32 ", \"packets\": %" PRIu64 ", \"bytes\": %" PRIu64
           ", \"skipped\": %" PRIu64 "}",
           kind_names[kind], plan->flows[kind], packets, packets * plan->length, skipped);
}

void plan_print_sent(const struct plan *plan, double seconds, double sending_seconds)
{
    const char *separator = "";
    uint32_t first = 0;

    printf("{\"packets\": %" PRIu64 ", \"bytes\": %" PRIu64 ", \"seconds\": %.6f"
           ", \"sending_seconds\": %.6f, \"kinds\": {",
           plan->packets, plan->packets * plan->length, seconds, sending_seconds);
    for (enum frame_kind kind = 0; kind < FRAME_KINDS; kind++) {
        if (!plan->flows[kind])
            continue;
        fputs(separator, stdout);
        print_kind(plan, kind, first);
        separator = ", ";
        first += plan->flows[kind];
    }
    puts("}}");
}
