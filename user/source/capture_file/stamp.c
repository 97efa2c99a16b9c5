/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/stamp.h"

#include "base/units.h"

#define BINARY      0x80
#define EXPONENT    0x7F
#define NANO        9
#define BINARY_MAX  32 /* 2^-32 s is less than a nanosecond */
#define DECIMAL_MAX 19 /* 10^19 ticks are more than 64 bits hold as nanoseconds */
#define SECONDS_MAX (INT64_MAX / (int64_t)NS_PER_SECOND - 1)
#define REST_MAX_NS (4 * NS_PER_SECOND)

static uint64_t power_of_ten(unsigned exponent)
{
    uint64_t power = 1;

    while (exponent--)
        power *= 10;
    return power;
}

void stamp_unit_set(struct stamp_unit *unit, uint8_t resolution, int64_t offset_seconds)
{
    *unit = (struct stamp_unit){.resolution = resolution, .offset_seconds = offset_seconds};
    if (offset_seconds || resolution > NANO)
        return;
    unit->ns_per_tick = power_of_ten(NANO - resolution);
    unit->ticks_max = (uint64_t)SECONDS_MAX * NS_PER_SECOND / unit->ns_per_tick;
}

/* Splits TICKS of 2^-EXPONENT s. */
static void split_binary(uint64_t ticks, unsigned exponent, uint64_t *seconds, uint64_t *rest_ns)
{
    uint64_t fraction = exponent < 64 ? ticks & ((UINT64_C(1) << exponent) - 1) : ticks;

    *seconds = exponent < 64 ? ticks >> exponent : 0;
    if (exponent > BINARY_MAX) {
        unsigned shift = exponent - BINARY_MAX;

        fraction = shift < 64 ? fraction >> shift : 0;
        exponent = BINARY_MAX;
    }
    *rest_ns = fraction * NS_PER_SECOND >> exponent;
}

/* Splits TICKS of 10^-EXPONENT s. */
static void split_decimal(uint64_t ticks, unsigned exponent, uint64_t *seconds, uint64_t *rest_ns)
{
    uint64_t per_second;

    if (exponent > DECIMAL_MAX) {
        *seconds = *rest_ns = 0;
        return;
    }
    per_second = power_of_ten(exponent);
    *seconds = ticks / per_second;
    *rest_ns = ticks % per_second;
    if (exponent <= NANO)
        *rest_ns *= power_of_ten(NANO - exponent);
    else
        *rest_ns /= power_of_ten(exponent - NANO);
}

uint64_t stamp_of_ticks(const struct stamp_unit *unit, uint64_t ticks)
{
    uint64_t seconds, rest_ns;
    int64_t sum;

    if (unit->resolution & BINARY)
        split_binary(ticks, unit->resolution & EXPONENT, &seconds, &rest_ns);
    else
        split_decimal(ticks, unit->resolution, &seconds, &rest_ns);
    if (seconds > INT64_MAX || __builtin_add_overflow((int64_t)seconds, unit->offset_seconds, &sum))
        sum = unit->offset_seconds < 0 && seconds <= INT64_MAX ? INT64_MIN : INT64_MAX;
    if (sum < 0)
        return 0;
    return sum > SECONDS_MAX ? INT64_MAX : (uint64_t)sum * NS_PER_SECOND + rest_ns;
}

uint64_t stamp_of_record(uint32_t seconds, uint32_t rest, uint32_t ns_per_tick)
{
    uint64_t rest_ns = (uint64_t)rest * ns_per_tick;

    if (rest_ns > REST_MAX_NS)
        rest_ns = NS_PER_SECOND - 1;
    return seconds * NS_PER_SECOND + rest_ns;
}
