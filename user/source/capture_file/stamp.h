/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Timestamps of capture files, which count ticks of some length. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_STAMP_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_STAMP_H

#include <stdint.h>

/* The resolution if a pcapng interface has no if_tsresol: 10^-6 s. */
#define STAMP_MICROSECONDS 6

struct stamp_unit {
    uint8_t resolution;     /* as if_tsresol: ticks of 10^-N s, or with the top bit 2^-N s */
    int64_t offset_seconds; /* added to each timestamp (if_tsoffset) */

    /* Made by stamp_unit_set() for the usual resolutions. */
    uint64_t ns_per_tick; /* 0: none of these */
    uint64_t ticks_max;   /* more ticks than this are no time before 2262 */
};

/* Sets UNIT from if_tsresol and if_tsoffset (draft-ietf-opsawg-pcapng, 4.2). */
void stamp_unit_set(struct stamp_unit *unit, uint8_t resolution, int64_t offset_seconds);

/* The nanoseconds of TICKS since 1970 in any UNIT. A time outside of 1970 to 2262 becomes the
 * nearest in this range. */
uint64_t stamp_of_ticks(const struct stamp_unit *unit, uint64_t ticks);

/* The same, fast for the usual units. */
static inline uint64_t stamp_ns(const struct stamp_unit *unit, uint64_t ticks)
{
    if (unit->ns_per_tick && ticks <= unit->ticks_max)
        return ticks * unit->ns_per_tick;
    return stamp_of_ticks(unit, ticks);
}

/* The time of a pcap record with SECONDS and REST, in ticks of NS_PER_TICK. A damaged record may
 * have more ticks than a second has. */
uint64_t stamp_of_record(uint32_t seconds, uint32_t rest, uint32_t ns_per_tick);

#endif
