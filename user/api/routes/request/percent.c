/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/percent.h"

/* The value of the hexadecimal DIGIT, or -1. */
static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

int percent_decode(const char *text, size_t length, char plus, char *decoded, size_t size)
{
    size_t used = 0;

    for (size_t i = 0; i < length; i++) {
        int octet = text[i] == '+' ? plus : text[i];

        if (text[i] == '%') {
            int high = length - i > 2 ? digit_value(text[i + 1]) : -1;
            int low = length - i > 2 ? digit_value(text[i + 2]) : -1;

            octet = high < 0 || low < 0 ? 0 : high << 4 | low;
            i += 2;
        }
        if (!octet || used + 1 >= size)
            return -1;
        decoded[used++] = (char)octet;
    }
    decoded[used] = '\0';
    return 0;
}
