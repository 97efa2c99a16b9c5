/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/peers/exchanges.h"

#include <string.h>

#include "base/units.h"

/* Datagrams of one exchange: request, response and retransmissions. */
#define ONE_EXCHANGE_NS (5 * NS_PER_SECOND)

void exchanges_release(struct exchanges *exchanges)
{
    tie_log_release(&exchanges->ties);
}

struct flow_key exchange_hosts(const struct flow_key *key)
{
    struct flow_key hosts = {.family = key->family};
    int is_source_lower = memcmp(key->source, key->destination, sizeof(key->source)) < 0;

    memcpy(hosts.source, is_source_lower ? key->source : key->destination, sizeof(hosts.source));
    memcpy(hosts.destination, is_source_lower ? key->destination : key->source,
           sizeof(hosts.destination));
    return hosts;
}

/* The place of HOSTS among the recent exchanges. Others may have the same. */
static struct tie *recent_of(struct exchanges *exchanges, const struct flow_key *hosts)
{
    unsigned place = 0;

    for (size_t i = 0; i < sizeof(hosts->source); i++)
        place = place * 31 + hosts->source[i] + 7u * hosts->destination[i];
    return &exchanges->recent[place % EXCHANGES_RECENT];
}

void exchanges_receive(struct exchanges *exchanges, const struct frame_record *record)
{
    const struct tie tie = {
        .from = exchange_hosts(&record->key),
        .timestamp_ns = record->timestamp_ns,
        .kind = TIE_IKE,
    };
    struct tie *recent = recent_of(exchanges, &tie.from);

    if (memcmp(&recent->from, &tie.from, sizeof(tie.from)) == 0 &&
        tie.timestamp_ns - recent->timestamp_ns < ONE_EXCHANGE_NS)
        return;
    *recent = tie;
    tie_log_add(&exchanges->ties, &tie);
    if (exchanges->new_ties)
        tie_log_add(exchanges->new_ties, &tie);
}

void exchanges_shift_time(struct exchanges *exchanges, int64_t step_ns)
{
    tie_log_shift_time(&exchanges->ties, step_ns);
    for (size_t i = 0; i < EXCHANGES_RECENT; i++)
        exchanges->recent[i].timestamp_ns = shift_time(exchanges->recent[i].timestamp_ns, step_ns);
}
