/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/set.h"

#include <stdio.h>
#include <string.h>

#include "base/spelling.h"

#define NAME_CHARS 32

/* Sets *BITS to what LIST names, as far as its first wrong part. Returns that part, or NULL: there
 * is none. */
static const char *read_list(const char *list, set_member *named, uint32_t *bits)
{
    *bits = 0;
    for (;;) {
        size_t length = strcspn(list, ",");
        char name[NAME_CHARS];
        uint32_t of_name;

        if (length >= sizeof(name))
            return list;
        snprintf(name, sizeof(name), "%.*s", (int)length, list);
        if (named(name, &of_name) < 0)
            return list;
        *bits |= of_name;
        if (!list[length])
            return NULL;
        list += length + 1;
    }
}

int set_of_list(const char *list, set_member *named, uint32_t *bits)
{
    return read_list(list, named, bits) ? -1 : 0;
}

/* Copies to MEANT of NAME_CHARS the name in KNOWN that WORD may be a misspelling of, or "". */
static void find_meant(const char *word, const char *known, char *meant)
{
    while (*known) {
        size_t length = strcspn(known, ",");

        snprintf(meant, NAME_CHARS, "%.*s", (int)length, known);
        if (is_misspelt(word, meant))
            return;
        known += length;
        known += strspn(known, ", ");
    }
    *meant = '\0';
}

int set_refuse(const char *option, const char *list, set_member *named, const char *known,
               struct error *error)
{
    uint32_t bits;
    const char *wrong = read_list(list, named, &bits);
    int length = wrong ? (int)strcspn(wrong, ",") : 0;
    char word[NAME_CHARS], meant[NAME_CHARS];

    snprintf(word, sizeof(word), "%.*s", length, wrong ? wrong : "");
    find_meant(word, known, meant);
    return error_set(error, "--%s takes names separated by commas (%s), not '%.*s'%s%s%s", option,
                     known, length, wrong ? wrong : "", *meant ? ": did you mean " : "", meant,
                     *meant ? "?" : "");
}
