/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The option that names interfaces: a list separated by commas, which may be given in several
 * parts. */
#include <string.h>

#include "interface/interface.h"
#include "options/type.h"
#include "source/source.h"

static int is_given(const struct options *options, const char *name, size_t length)
{
    for (size_t i = 0; i < options->interface_count; i++)
        if (strlen(options->interfaces[i]) == length &&
            memcmp(options->interfaces[i], name, length) == 0)
            return 1;
    return 0;
}

static int add_interface(struct options *options, const char *name, size_t length,
                         struct error *error)
{
    const char *kept;

    if (!length)
        return error_set(error, "the name of an interface is empty: separate names by one comma");
    if (length >= INTERFACE_NAME_CHARS)
        return error_set(error, "too long for the name of an interface: '%.*s...'",
                         INTERFACE_NAME_CHARS, name);
    if (is_given(options, name, length))
        return error_set(error, "the interface '%.*s' is given twice", (int)length, name);
    if (options->interface_count == INTERFACES_MAX)
        return error_set(error, "at most %d interfaces can be watched", INTERFACES_MAX);
    kept = options_keep(options, name, length);
    if (!kept)
        return error_set(error, "the names of the interfaces are too long");
    options->interfaces[options->interface_count++] = kept;
    return 0;
}

static int parse_interfaces(struct options *options, const struct option_row *row, const char *text,
                            struct error *error)
{
    (void)row;
    for (;;) {
        size_t length = strcspn(text, ",");

        if (add_interface(options, text, length, error) < 0)
            return -1;
        if (!text[length])
            break;
        text += length + 1;
    }
    if (options->interface_count > 1 && is_given(options, INTERFACE_ANY, strlen(INTERFACE_ANY)))
        return error_set(error, "'%s' stands for all interfaces: give it alone", INTERFACE_ANY);
    return 0;
}

const struct option_type interfaces_type = {VALUE_TEXT | VALUE_LIST, parse_interfaces};
