/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/set.h"

#include <stdio.h>
#include <string.h>

#define NAME_CHARS 32

int set_of_list(const char *list, int (*named)(const char *name, uint32_t *bits), uint32_t *bits)
{
    *bits = 0;
    for (;;) {
        size_t length = strcspn(list, ",");
        char name[NAME_CHARS];
        uint32_t of_name;

        if (length >= sizeof(name))
            return -1;
        snprintf(name, sizeof(name), "%.*s", (int)length, list);
        if (named(name, &of_name) < 0)
            return -1;
        *bits |= of_name;
        if (!list[length])
            return 0;
        list += length + 1;
    }
}
