/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The highest number of a position that is certainly its sender's. */
#include "track/sequence/channel.h"

/* The highest number below NUMBER whose bit is set, down to FIRST; 0: there is none. */
static uint64_t next_below(const uint64_t words[MEMORY_WORDS], uint64_t number, uint64_t first)
{
    while (number > first) {
        uint64_t last = number - 1;
        uint64_t word = words[last % MEMORY_NUMBERS / 64] << (63 - last % 64);

        number = last - (word ? (uint64_t)__builtin_clzll(word) : last % 64);
        if (word)
            return number >= first ? number : 0;
    }
    return 0;
}

uint64_t position_front(const struct sequencer *sequencer, const struct position *position)
{
    uint64_t first = position->highest - MEMORY_NUMBERS + 1;
    uint64_t front = position->highest;

    if (position->memory == POOL_NONE)
        return front - least(front - position->lowest, STRAYS);
    for (unsigned i = 0; i < STRAYS; i++) {
        uint64_t below = next_below(memory_at(sequencer, position->memory)->seen, front, first);

        if (!below)
            break;
        front = below;
    }
    return front;
}
