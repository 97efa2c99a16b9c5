/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/sequence/number_rate.h"

#include "outcome.h"
#include "protocols.h"
#include "track/sequence/channel.h"

#define NUMBERS_32  4294967296.0           /* 2^32 */
#define NUMBERS_64  18446744073709551616.0 /* 2^64 */
#define SECONDS_MAX ((double)NUMBER_DAYS * 24 * 60 * 60)

#define RATE_LEAST_NS (NS_PER_SECOND / 10) /* a shorter time gives no rate */

/* The numbers a second of POSITION in the second that is being counted; 0: too short to tell. */
static double present_rate(const struct position *position, uint64_t now_ns)
{
    uint32_t numbers = (uint32_t)position->highest - position->second_first;

    if (now_ns < position->second_ns + RATE_LEAST_NS)
        return 0;
    return (double)numbers * (double)NS_PER_SECOND / (double)(now_ns - position->second_ns);
}

/* How many of the 2^32 numbers the SA of POSITION has used; more if it wrapped around. */
static double used_numbers(const struct sequencer *sequencer, const struct position *position)
{
    return (double)(position->highest - position_zero(sequencer, position));
}

/* Moves on to the period of NOW_NS, and forgets what is older than an hour. */
static void open_period(struct number_rates *rates, uint64_t now_ns)
{
    uint64_t period = now_ns / RATE_PERIOD_NS;

    if (period > rates->period + RATE_PERIODS)
        rates->period = period - RATE_PERIODS;
    while (rates->period < period)
        rates->rates[++rates->period % RATE_PERIODS] = 0;
}

void number_rate_note(const struct arrival *arrival, const struct position *position)
{
    struct sequencer *sequencer = arrival->sequencer;
    struct flow *flow = arrival->flow;
    double rate = present_rate(position, arrival->now_ns);
    struct number_rates *rates;
    double *highest;

    if (flow->rates == POOL_NONE) {
        if (NUMBERS_32 - used_numbers(sequencer, position) > rate * SECONDS_MAX)
            return;
        flow->rates = pool_take(&sequencer->rates);
        if (flow->rates == POOL_NONE)
            return;
        *(struct number_rates *)pool_at(&sequencer->rates, flow->rates) =
            (struct number_rates){.period = arrival->now_ns / RATE_PERIOD_NS};
    }
    rates = pool_at(&sequencer->rates, flow->rates);
    open_period(rates, arrival->now_ns);
    highest = &rates->rates[rates->period % RATE_PERIODS];
    if (rate > *highest)
        *highest = rate;
}

/* The fastest rate of FLOW in the hour before its last frame; for a flow of less than a second, its
 * rate so far. */
static double fastest_rate(const struct sequencer *sequencer, const struct flow *flow,
                           const struct position *position)
{
    struct number_rates rates;
    double fastest = 0;

    if (flow->rates == POOL_NONE)
        return position->highest_rate ? 0 : present_rate(position, flow->timing.last_ns);
    rates = *(const struct number_rates *)pool_at(&sequencer->rates, flow->rates);
    open_period(&rates, flow->timing.last_ns);
    for (unsigned i = 0; i < RATE_PERIODS; i++)
        if (rates.rates[i] > fastest)
            fastest = rates.rates[i];
    return fastest;
}

/* Whether all numbers of this protocol have 64 bits, whatever part of them the frames carry. */
static int has_long_numbers(uint8_t protocol)
{
    static const uint8_t ends[OUTCOME_COUNT] = {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, ...)               \
    [OUTCOME_##id] = end,
        PROTOCOL_TABLE(ROW)
#undef ROW
    };

    return ends[protocol] == 64;
}

/* Whether MKA shows that the numbers of FLOW have 64 bits (XPN). */
static int is_xpn(const struct sequencer *sequencer, const struct flow *flow)
{
    struct mka_record said = mka_of_flow(sequencer->mka, &flow->key);

    return mka_is_xpn(&said);
}

struct number_space number_space_of(const struct sequencer *sequencer, const struct flow *flow)
{
    struct number_space space = {.used = (double)flow->first_sequence / NUMBERS_32};
    const struct position *position;
    double used, seconds;

    if (flow->position == POOL_NONE)
        return space;
    position = position_at(sequencer, sequence_settled(sequencer, flow));
    used = used_numbers(sequencer, position);
    if (is_xpn(sequencer, flow) || used >= NUMBERS_32 || has_long_numbers(flow->key.protocol)) {
        space.used = used / NUMBERS_64;
        return space;
    }
    space.used = used / NUMBERS_32;
    seconds = (NUMBERS_32 - used) / fastest_rate(sequencer, flow, position);
    if (seconds <= SECONDS_MAX) /* not if the rate is 0 */
        space.exhaustion_ns = flow->timing.last_ns + (uint64_t)(seconds * (double)NS_PER_SECOND);
    return space;
}
