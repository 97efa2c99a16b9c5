/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Classifies arbitrary octets as a frame of any link type, cut at any length, with any tunnels
 * opened. Every frame must have one outcome, and what is in a tunnel matters only if it has a
 * number.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "classify/classify.h"
#include "flow/id.h"

#define PARAMETER_OCTETS                                                                           \
    5 /* in front of the frame: link type, tunnels, octets that were cut off                       \
       */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int is_true)
{
    if (!is_true)
        abort();
}

/* FRAME came to OUTCOME and RECORD: without tunnels it comes to the same, unless they were opened
 * to a number or too deep. */
static void check_against_outermost(const struct classifier *classifier, const uint8_t *frame,
                                    size_t size, uint32_t length, enum outcome outcome,
                                    const struct frame_record *record)
{
    struct classifier outermost = {.link = classifier->link};
    struct frame_record plain;
    struct walk walk;

    if (outcome == OUTCOME_TOO_DEEP || is_numbered_protocol(outcome) ||
        record->flags & RECORD_CANDIDATE)
        return;
    check(classify(&outermost, frame, frame + size, length, 0, &walk, &plain) == outcome);
    if (outcome <= OUTCOME_LAST_PROTOCOL)
        check(memcmp(&plain, record, sizeof(plain)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct classifier classifier = {0};
    struct frame_record record;
    struct walk walk;
    char id[FLOW_ID_CHARS];
    enum outcome outcome;
    uint16_t more_on_wire, tunnels;
    uint8_t *frame;

    if (size < PARAMETER_OCTETS)
        return 0;
    memcpy(&tunnels, data + 1, sizeof(tunnels));
    memcpy(&more_on_wire, data + 3, sizeof(more_on_wire));
    classifier.link = data[0] % LINK_COUNT;
    classifier.tunnels = tunnels;
    size -= PARAMETER_OCTETS;
    frame = malloc(size ? size : 1); /* of the exact length, so that ASan sees reads behind it */
    if (!frame)
        return 0;
    memcpy(frame, data + PARAMETER_OCTETS, size);
    outcome = classify(&classifier, frame, frame + size, (uint32_t)size + more_on_wire, 0, &walk,
                       &record);
    check(outcome > OUTCOME_NONE && outcome < OUTCOME_COUNT);
    check(outcome != OUTCOME_TRUNCATED || more_on_wire);
    check(!walk.inside && walk.tunnels <= TUNNELS_DEEP_MAX + 1);
    check(walk.pseudowires <= PSEUDOWIRES_DEEP_MAX + 1);
    check_against_outermost(&classifier, frame, size, (uint32_t)size + more_on_wire, outcome,
                            &record);
    if (outcome <= OUTCOME_LAST_PROTOCOL)
        flow_id_format(&record.key, id);
    free(frame);
    return 0;
}
