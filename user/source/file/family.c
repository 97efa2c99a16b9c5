/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/family.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The fewest digits of a number in the middle of a name: a time, or a padded count. */
#define DIGITS_MIN 2

/* The most digits of a count at the end of a name: a longer number is a time. */
#define COUNT_DIGITS_MAX 6

/* dumpcap -b: "NAME_00001_20260101000000.SUFFIX" */
#define DUMPCAP_COUNT_DIGITS 5
#define DUMPCAP_TIME_DIGITS  14

static size_t digits_at(const char *text)
{
    size_t count = 0;

    while (isdigit((unsigned char)text[count]))
        count++;
    return count;
}

/* Whether the numbers at the beginning of A and B, of A_DIGITS and B_DIGITS, may be different.
 * Numbers at the end of a name may be missing. */
static int may_differ(const char *a, size_t a_digits, const char *b, size_t b_digits)
{
    if (!a[a_digits] && !b[b_digits])
        return 1;
    return a_digits == b_digits && a_digits >= DIGITS_MIN;
}

int family_has(const char *name, const char *of)
{
    while (*name || *of) {
        size_t name_digits = digits_at(name), of_digits = digits_at(of);

        if (!name_digits && !of_digits) {
            if (*name != *of)
                return 0;
            name++;
            of++;
            continue;
        }
        if ((name_digits != of_digits || memcmp(name, of, of_digits) != 0) &&
            !may_differ(name, name_digits, of, of_digits))
            return 0;
        name += name_digits;
        of += of_digits;
    }
    return 1;
}

int64_t family_dumpcap_number(const char *name)
{
    for (const char *at = strchr(name, '_'); at; at = strchr(at + 1, '_'))
        if (digits_at(at + 1) == DUMPCAP_COUNT_DIGITS && at[1 + DUMPCAP_COUNT_DIGITS] == '_' &&
            digits_at(at + DUMPCAP_COUNT_DIGITS + 2) == DUMPCAP_TIME_DIGITS)
            return strtol(at + 1, NULL, 10);
    return -1;
}

int64_t family_number(const char *name)
{
    size_t length = strlen(name), digits = 0;
    int64_t number = family_dumpcap_number(name);

    if (number >= 0)
        return number;
    while (digits < length && isdigit((unsigned char)name[length - digits - 1]))
        digits++;
    return digits > COUNT_DIGITS_MAX ? -1 : strtol(name + length - digits, NULL, 10);
}
