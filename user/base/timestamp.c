/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/timestamp.h"

#include <time.h>

#include "base/units.h"

#define YEAR_FIRST         1970
#define YEAR_LAST          2554 /* nanoseconds since 1970 exceed 64 bits in July of it */
#define SECONDS_PER_MINUTE 60

/* Takes COUNT digits from TEXT. Returns 0, or -1 when there are fewer, or when the number is not
 * between FIRST and LAST. */
static int take_number(const char **text, int count, int first, int last, int *number)
{
    *number = 0;
    for (; count; count--, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        *number = *number * 10 + (**text - '0');
    }
    return *number < first || *number > last ? -1 : 0;
}

/* As take_number(), and takes the character behind the digits, which must be one of FOLLOWERS. */
static int take_field(const char **text, int count, int first, int last, const char *followers,
                      int *number)
{
    if (take_number(text, count, first, last, number) < 0)
        return -1;
    for (; *followers; followers++)
        if (**text == *followers) {
            (*text)++;
            return 0;
        }
    return -1;
}

/* Takes the decimals of a second. Returns nanoseconds; further digits are cut off. */
static uint64_t take_fraction(const char **text)
{
    uint64_t nanoseconds = 0;

    for (uint64_t unit = NS_PER_SECOND / 10; **text >= '0' && **text <= '9'; (*text)++) {
        nanoseconds += unit * (uint64_t)(**text - '0');
        unit /= 10;
    }
    return nanoseconds;
}

/* Takes the offset from UTC, in seconds. Returns 0, or -1: malformed. */
static int take_offset(const char **text, int *seconds)
{
    char sign = **text;
    int hours, minutes;

    *seconds = 0;
    if (sign != '\0')
        (*text)++;
    if (sign == 'Z' || sign == 'z')
        return 0;
    if ((sign != '+' && sign != '-') || take_field(text, 2, 0, 23, ":", &hours) < 0 ||
        take_number(text, 2, 0, 59, &minutes) < 0)
        return -1;
    *seconds = (hours * SECONDS_PER_MINUTE + minutes) * SECONDS_PER_MINUTE * (sign == '-' ? -1 : 1);
    return 0;
}

int timestamp_parse(const char *text, uint64_t *time_ns)
{
    struct tm utc = {0};
    uint64_t fraction = 0;
    time_t seconds;
    int offset, day;

    if (take_field(&text, 4, YEAR_FIRST, YEAR_LAST, "-", &utc.tm_year) < 0 ||
        take_field(&text, 2, 1, 12, "-", &utc.tm_mon) < 0 ||
        take_field(&text, 2, 1, 31, "Tt ", &utc.tm_mday) < 0 ||
        take_field(&text, 2, 0, 23, ":", &utc.tm_hour) < 0 ||
        take_field(&text, 2, 0, 59, ":", &utc.tm_min) < 0 ||
        take_number(&text, 2, 0, 59, &utc.tm_sec) < 0)
        return -1;
    if (*text == '.') {
        text++;
        if (*text < '0' || *text > '9')
            return -1;
        fraction = take_fraction(&text);
    }
    if (take_offset(&text, &offset) < 0 || *text)
        return -1;
    utc.tm_year -= 1900;
    utc.tm_mon -= 1;
    day = utc.tm_mday;
    seconds = timegm(&utc) - offset;
    /* timegm() turns the 31st of April into the 1st of May. */
    if (utc.tm_mday != day || seconds < 0 ||
        (uint64_t)seconds > (UINT64_MAX - fraction) / NS_PER_SECOND)
        return -1;
    *time_ns = (uint64_t)seconds * NS_PER_SECOND + fraction;
    return 0;
}

uint64_t timestamp_or_zero(const char *text)
{
    uint64_t time_ns;

    return timestamp_parse(text, &time_ns) < 0 ? 0 : time_ns;
}

/* Writes VALUE as COUNT digits, and MARK behind them. Returns the place behind that. */
static char *put_number(char *to, uint64_t value, int count, char mark)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    to[count] = mark;
    return to + count + 1;
}

/* Without printf, which would take most of the time that a row or a report takes. */
void timestamp_format(uint64_t time_ns, char *timestamp)
{
    time_t seconds = (time_t)(time_ns / NS_PER_SECOND);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    timestamp = put_number(timestamp, (uint64_t)utc.tm_year + 1900, 4, '-');
    timestamp = put_number(timestamp, (uint64_t)utc.tm_mon + 1, 2, '-');
    timestamp = put_number(timestamp, (uint64_t)utc.tm_mday, 2, 'T');
    timestamp = put_number(timestamp, (uint64_t)utc.tm_hour, 2, ':');
    timestamp = put_number(timestamp, (uint64_t)utc.tm_min, 2, ':');
    timestamp = put_number(timestamp, (uint64_t)utc.tm_sec, 2, '.');
    timestamp = put_number(timestamp, time_ns % NS_PER_SECOND, 9, 'Z');
    *timestamp = '\0';
}
