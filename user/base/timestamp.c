/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/timestamp.h"

#include "base/units.h"

#define YEAR_FIRST         1970
#define YEAR_LAST          2554 /* in July of this year, nanoseconds since 1970 exceed 64 bits */
#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_DAY    86400

/* The Gregorian calendar repeats itself after 400 years. */
#define DAYS_PER_YEAR      365
#define DAYS_PER_4_YEARS   1461
#define DAYS_PER_100_YEARS 36524
#define DAYS_PER_400_YEARS 146097
#define DAYS_UNTIL_1970    719468 /* since the 1st of March of year 0 */

/* timegm() and gmtime() would end in 2038 where time_t has 32 bits. */
struct date {
    int year;
    int month; /* from 1 */
    int day;   /* from 1 */
};

/* The days from the 1st of March to the first day of a month; MARCH_MONTHS is 0 for March. */
static int days_before_month(int march_months)
{
    return (153 * march_months + 2) / 5;
}

/* The days from 1970 to DATE. Years begin in March here, so that the leap day is the last of a
 * year. */
static int64_t days_of_date(const struct date *date)
{
    int year = date->year - (date->month < 3);
    int days = DAYS_PER_YEAR * year + year / 4 - year / 100 + year / 400;

    return days + days_before_month((date->month + 9) % 12) + date->day - 1 - DAYS_UNTIL_1970;
}

/* The reverse of days_of_date(), for days from 1970 on. */
static struct date date_of_days(int64_t days)
{
    int since_0 = (int)days + DAYS_UNTIL_1970;
    int rest = since_0 % DAYS_PER_400_YEARS;
    int years = (rest - rest / (DAYS_PER_4_YEARS - 1) + rest / DAYS_PER_100_YEARS -
                 rest / (DAYS_PER_400_YEARS - 1)) /
                DAYS_PER_YEAR;
    int day = rest - (DAYS_PER_YEAR * years + years / 4 - years / 100);
    int march_months = (5 * day + 2) / 153;
    int month = march_months < 10 ? march_months + 3 : march_months - 9;

    return (struct date){
        .year = since_0 / DAYS_PER_400_YEARS * 400 + years + (month < 3),
        .month = month,
        .day = day - days_before_month(march_months) + 1,
    };
}

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

/* Takes a date and a time of day, without decimals. Sets SECONDS since 1970. Returns 0, or -1:
 * malformed, or there is no such date. */
static int take_seconds(const char **text, int64_t *seconds)
{
    int hour, minute, second;
    struct date date;
    int64_t days;

    if (take_field(text, 4, YEAR_FIRST, YEAR_LAST, "-", &date.year) < 0 ||
        take_field(text, 2, 1, 12, "-", &date.month) < 0 ||
        take_field(text, 2, 1, 31, "Tt ", &date.day) < 0 ||
        take_field(text, 2, 0, 23, ":", &hour) < 0 ||
        take_field(text, 2, 0, 59, ":", &minute) < 0 || take_number(text, 2, 0, 59, &second) < 0)
        return -1;
    days = days_of_date(&date);
    *seconds = days * SECONDS_PER_DAY + (hour * 60 + minute) * SECONDS_PER_MINUTE + second;
    /* A day that the month does not have has become one of the next month. */
    return date_of_days(days).day == date.day ? 0 : -1;
}

int timestamp_parse(const char *text, uint64_t *time_ns)
{
    uint64_t fraction = 0;
    int64_t seconds;
    int offset;

    if (take_seconds(&text, &seconds) < 0)
        return -1;
    if (*text == '.') {
        text++;
        if (*text < '0' || *text > '9')
            return -1;
        fraction = take_fraction(&text);
    }
    if (take_offset(&text, &offset) < 0 || *text)
        return -1;
    seconds -= offset;
    if (seconds < 0 || (uint64_t)seconds > (UINT64_MAX - fraction) / NS_PER_SECOND)
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
    uint64_t seconds = time_ns / NS_PER_SECOND;
    uint64_t of_day = seconds % SECONDS_PER_DAY;
    struct date date = date_of_days((int64_t)(seconds / SECONDS_PER_DAY));

    timestamp = put_number(timestamp, (uint64_t)date.year, 4, '-');
    timestamp = put_number(timestamp, (uint64_t)date.month, 2, '-');
    timestamp = put_number(timestamp, (uint64_t)date.day, 2, 'T');
    timestamp = put_number(timestamp, of_day / 3600, 2, ':');
    timestamp = put_number(timestamp, of_day / SECONDS_PER_MINUTE % 60, 2, ':');
    timestamp = put_number(timestamp, of_day % SECONDS_PER_MINUTE, 2, '.');
    timestamp = put_number(timestamp, time_ns % NS_PER_SECOND, 9, 'Z');
    *timestamp = '\0';
}
