/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/flows/rise.h"

#include <ctype.h>

#include "numbered.h"
#include "outcome.h"
#include "protocol/openvpn.h"

/* What a number weighs, compared with the highest before. A sender that numbers its frames makes
 * steps of one, except where frames were lost or reordered. Clocks make longer ones. */
#define WEIGHT_NEXT      5    /* one more */
#define WEIGHT_SHORT     4    /* up to STEP_SHORT more */
#define WEIGHT_NEAR      (-1) /* up to RISE_NEAR more */
#define WEIGHT_REORDERED (-1) /* less, by RISE_NEAR at most */
#define WEIGHT_FAR       (-4) /* anything else */
#define STEP_SHORT       4

/* The weight that shows a sender: five numbers in a row, for example. Three are enough among the
 * first numbers of an SA, which measured values, times and text seldom are. */
#define WEIGHT_ENOUGH       19
#define WEIGHT_ENOUGH_FIRST 9
#define FIRST_NUMBERS       4096

int64_t rise_distance(const struct frame_record *a, const struct frame_record *b)
{
    unsigned unknown = 64 - number_bits(a->key.protocol);

    return (int64_t)((a->sequence - b->sequence) << unknown) >> unknown;
}

int rise_is_near(int64_t distance)
{
    return distance >= -RISE_NEAR && distance <= RISE_NEAR;
}

/* Whether the lowest BITS of VALUE are printable characters. */
static int is_printable(uint64_t value, unsigned bits)
{
    for (unsigned at = 0; at < bits; at += 8) {
        uint8_t octet = (uint8_t)(value >> at);

        if (octet < ' ' || octet > '~')
            return 0;
    }
    return 1;
}

/* Whether all octets of the identifier and of the number of RECORD are printable characters. */
static int is_text(const struct frame_record *record)
{
    int is_openvpn = record->key.protocol == OUTCOME_OPENVPN;
    uint32_t identifier = record->key.identifier;

    return is_printable(is_openvpn ? OPENVPN_PEER_OF(identifier) : identifier,
                        is_openvpn ? 24 : 32) &&
           is_printable(record->sequence, number_bits(record->key.protocol));
}

/* Whether the number of NEXT, and that of HIGHEST, which is lower, may be characters of two lines
 * of text. A step of one is text only if the last character is a digit (also a hexadecimal one), as
 * in lines that are numbered. */
static int may_be_text(const struct frame_record *next, const struct frame_record *highest)
{
    return is_text(next) && is_text(highest) &&
           (next->sequence != highest->sequence + 1 || isxdigit((uint8_t)next->sequence));
}

/* The weight of a number that is DISTANCE above the highest before. */
static int weight_of(int64_t distance)
{
    if (distance == 0)
        return 0;
    if (!rise_is_near(distance))
        return WEIGHT_FAR;
    if (distance < 0)
        return WEIGHT_REORDERED;
    if (distance == 1)
        return WEIGHT_NEXT;
    return distance <= STEP_SHORT ? WEIGHT_SHORT : WEIGHT_NEAR;
}

/* If the highest number is far away, the number is compared with the one before. */
void rise_add(struct rise *rise, const struct frame_record *next)
{
    int is_first = !rise->highest.key.protocol;
    int64_t distance = is_first ? 0 : rise_distance(next, &rise->highest);
    uint32_t numbers = numbers_of(next);

    if (distance <= 0 || !may_be_text(next, &rise->highest))
        rise->weight += weight_of(distance);
    rise->weight += (int)(numbers - 1) * WEIGHT_NEXT;
    if (is_first || distance > 0 || !rise_is_near(distance)) {
        rise->highest = *next;
        rise->highest.sequence += numbers - 1;
    }
}

int rise_is_of_sender(const struct rise *rise, const struct frame_record *record)
{
    return rise->weight >=
           (record->sequence <= FIRST_NUMBERS ? WEIGHT_ENOUGH_FIRST : WEIGHT_ENOUGH);
}
