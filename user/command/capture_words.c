/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/capture_words.h"

#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/spelling.h"
#include "base/text.h"
#include "interface/method.h"

#define AUTO "auto"

static int is_method(const char *word)
{
    return strcmp(word, AUTO) == 0 || method_named(word) != METHOD_NONE;
}

/* Whether WORD, or its first part before a comma, is an interface that exists. */
static int is_interface(const char *word)
{
    char name[IF_NAMESIZE];
    size_t length = strcspn(word, ",");

    if (length >= sizeof(name))
        return 0;
    memcpy(name, word, length);
    name[length] = '\0';
    return if_nametoindex(name) != 0;
}

static int is_path(const char *word)
{
    return strpbrk(word, "/.") != NULL || access(word, F_OK) == 0;
}

/* Whether WORD can only be meant as interfaces when others are named in the configuration. */
static int names_interfaces(const char *word)
{
    return is_interface(word) || !(is_method(word) || is_path(word));
}

/* Adds to TEXT the names that WORD may be a misspelling of. Returns how many. */
static unsigned add_meanings(struct text *text, const char *word)
{
    unsigned count = 0;

    for (enum method method = 0; method <= METHOD_COUNT; method++) {
        const char *name = method == METHOD_COUNT ? AUTO : method_name(method);

        if (is_misspelt(word, name))
            text_add(text, "%s%s", count++ ? " or " : "", name);
    }
    return count;
}

static int unknown_word(const char *word, struct error *error)
{
    char chars[128];
    struct text meanings = text_over(chars, sizeof(chars));
    unsigned count = add_meanings(&meanings, word);

    return error_set(error,
                     "'%s' is no method (xdp, tc, af_packet, pcap, auto) and no database (the path "
                     "of one has a slash or a dot: ./%s)%s%s%s",
                     word, word, count ? ": did you mean " : "", chars, count ? "?" : "");
}

static int interface_in_wrong_place(const struct options *options, const char *word,
                                    struct error *error)
{
    return error_set(error,
                     "'%s' is an interface: several are joined by commas, as in %s,%s (a database "
                     "of that name is ./%s)",
                     word, options->interfaces[0], word, word);
}

static int take_method(struct options *options, const char *word, struct error *error)
{
    if (options_given(options, "method"))
        return error_set(error, "the method is given twice: '%s' is the second", word);
    return options_set(options, "method", word, error);
}

static int take_database(struct options *options, const char *word, struct error *error)
{
    if (options_given(options, "db"))
        return error_set(error, "the database is given twice: '%s' and '%s'", options->db, word);
    return options_set(options, "db", word, error);
}

/* Takes a WORD that stands behind the interfaces. */
static int take_word(struct options *options, const char *word, struct error *error)
{
    if (is_method(word))
        return take_method(options, word, error);
    if (is_interface(word))
        return interface_in_wrong_place(options, word, error);
    if (is_path(word))
        return take_database(options, word, error);
    return unknown_word(word, error);
}

/* Takes the interfaces from the first word, where they are there. Returns how many words that were,
 * or -1 with ERROR set. */
static int take_interfaces(struct options *options, struct error *error)
{
    const char *word = options->operand_count ? options->operands[0] : NULL;

    if (options_given(options, "interface"))
        return 0;
    if (!word || (options->interface_count && !names_interfaces(word)))
        return options->interface_count ? 0
                                        : error_set(error, "no interface given (see gapwatch "
                                                           "capture --help)");
    options->interface_count = 0; /* those of the command line win over the configuration's */
    return options_set(options, "interface", word, error) < 0 ? -1 : 1;
}

int capture_take_words(struct options *options, struct error *error)
{
    int taken = take_interfaces(options, error);

    if (taken < 0)
        return -1;
    for (int i = taken; i < options->operand_count; i++)
        if (take_word(options, options->operands[i], error) < 0)
            return -1;
    return 0;
}
