/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/utf8.h"

size_t utf8_length(const char *text)
{
    static const struct {
        unsigned char first, last, second_first, second_last;
        size_t length;
    } forms[] = {
        {0x00, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    const unsigned char *octets = (const unsigned char *)text;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        size_t length = forms[i].length;

        if (octets[0] < forms[i].first || octets[0] > forms[i].last)
            continue;
        if (length > 1 && (octets[1] < forms[i].second_first || octets[1] > forms[i].second_last))
            return 0;
        for (size_t j = 2; j < length; j++)
            if ((octets[j] & 0xC0) != 0x80)
                return 0;
        return length;
    }
    return 0;
}
