/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Classifies any octets as a frame of any link type, cut anywhere. It must end in one outcome. */
#include <stdlib.h>
#include <string.h>

#include "classify.h"
#include "flow/id.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame_record record;
    struct walk walk;
    char id[FLOW_ID_CHARS];
    enum outcome outcome;
    uint16_t more_on_wire;
    uint8_t *frame;

    if (size < 3)
        return 0;
    memcpy(&more_on_wire, data + 1, sizeof(more_on_wire));
    size -= 3;
    frame =
        malloc(size + 1); /* exactly as long as captured, so that ASan sees the octet after it */
    if (!frame)
        return 0;
    memcpy(frame, data + 3, size);
    frame = realloc(frame, size ? size : 1);
    outcome = classify(data[0] % (LINK_PPP + 1), frame, frame + size, (uint32_t)size + more_on_wire,
                       0, &walk, &record);
    if (outcome == OUTCOME_NONE || outcome >= OUTCOME_COUNT)
        abort();
    if (outcome == OUTCOME_TRUNCATED && !more_on_wire)
        abort();
    if (outcome <= OUTCOME_LAST_PROTOCOL)
        flow_id_format(&record.key, id);
    free(frame);
    return 0;
}
