/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Addresses as text. A report sorts a million flow ids, so this does not format by template, as
 * inet_ntop does for IPv6. */
#include "base/text.h"

#define GROUPS 8 /* of an IPv6 address, 16 bits each */

/* Groups of zeros that are written as "::". */
struct zeros {
    unsigned first;
    unsigned count; /* 0: there are none */
};

static void add_dotted(struct text *text, const unsigned char octets[4])
{
    for (unsigned i = 0; i < 4; i++) {
        if (i)
            text_add_chars(text, ".", 1);
        text_add_number(text, octets[i]);
    }
}

/* The groups of zeros to be left out: the longest run of at least two, of several the first (RFC
 * 5952 section 4.2). */
static struct zeros longest_zeros(const unsigned groups[GROUPS])
{
    struct zeros longest = {0}, run = {0};

    for (unsigned i = 0; i < GROUPS; i++) {
        if (groups[i])
            run.count = 0;
        else if (!run.count++)
            run.first = i;
        if (run.count > longest.count)
            longest = run;
    }
    return longest.count > 1 ? longest : (struct zeros){0};
}

/* Whether the last two of GROUPS are an IPv4 address: it is mapped or compatible (RFC 4291 section
 * 2.5.5). */
static int ends_in_ipv4(const unsigned groups[GROUPS], struct zeros zeros)
{
    return zeros.count && !zeros.first &&
           (zeros.count == 6 || (zeros.count == 5 && groups[5] == 0xFFFF));
}

/* The number of hexadecimal digits of GROUP without leading zeros. */
static unsigned digits_of(unsigned group)
{
    unsigned digits = 1;

    while (group >>= 4)
        digits++;
    return digits;
}

static void add_ipv6(struct text *text, const unsigned char octets[16])
{
    unsigned groups[GROUPS], count = GROUPS;
    struct zeros zeros;
    int has_ipv4;

    for (unsigned i = 0; i < GROUPS; i++)
        groups[i] = (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
    zeros = longest_zeros(groups);
    has_ipv4 = ends_in_ipv4(groups, zeros);
    if (has_ipv4)
        count -= 2;
    for (unsigned i = 0; i < count; i++) {
        if (zeros.count && i == zeros.first) {
            text_add_chars(text, "::", 2);
            i += zeros.count - 1;
            continue;
        }
        if (i && i != zeros.first + zeros.count)
            text_add_chars(text, ":", 1);
        text_add_hex(text, groups[i], digits_of(groups[i]));
    }
    if (has_ipv4 && zeros.count == 5)
        text_add_chars(text, ":", 1);
    if (has_ipv4)
        add_dotted(text, octets + 12);
}

void text_add_address(struct text *text, unsigned family, const unsigned char *octets)
{
    if (family == 4)
        add_dotted(text, octets);
    else
        add_ipv6(text, octets);
}

void text_add_endpoint(struct text *text, unsigned family, const unsigned char *octets,
                       unsigned port)
{
    if (family == 6)
        text_add_chars(text, "[", 1);
    text_add_address(text, family, octets);
    if (family == 6)
        text_add_chars(text, "]", 1);
    text_add_chars(text, ":", 1);
    text_add_number(text, port);
}
