/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/capture_words.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/spelling.h"
#include "base/text.h"
#include "flow/outcome_name.h"
#include "interface/method.h"
#include "options/parse.h"
#include "options/protocols.h"

#define AUTO "auto"

static int is_method(const char *word)
{
    return strcmp(word, AUTO) == 0 || method_named(word) != METHOD_NONE;
}

/* Whether WORD, or its first part before a comma, is the name of an existing interface. */
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

static int is_protocols(const char *word)
{
    return protocols_of(word) != 0;
}

/* Whether WORD is the name of a VLAN interface, like eth0.5, of an existing interface. */
static int is_vlan_name(const char *word)
{
    char parent[IF_NAMESIZE];
    const char *dot = strrchr(word, '.');
    size_t length = dot ? (size_t)(dot - word) : sizeof(parent);

    if (length >= sizeof(parent) || !dot[1] || dot[1 + strspn(dot + 1, "0123456789")])
        return 0;
    memcpy(parent, word, length);
    parent[length] = '\0';
    return if_nametoindex(parent) != 0;
}

/* Whether WORD is a list, and its first name is a protocol. */
static int starts_with_protocol(const char *word)
{
    char first[16];
    size_t length = strcspn(word, ",");

    if (!word[length] || length >= sizeof(first))
        return 0;
    memcpy(first, word, length);
    first[length] = '\0';
    return is_protocols(first);
}

/* Whether WORD is one of the words of tcpdump's filters, and has no other meaning here. */
static int is_filter_word(const char *word)
{
    static const char *const words[] = {
        "and",  "arp",   "broadcast", "dst",   "ether", "gateway",   "greater", "host",
        "icmp", "icmp6", "ip",        "ip6",   "less",  "multicast", "net",     "not",
        "or",   "port",  "portrange", "proto", "src",   "vlan",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(word, words[i]) == 0)
            return access(word, F_OK) != 0 && !is_interface(word);
    return 0;
}

/* Whether WORD is a whole filter, in quotation marks on the command line. */
static int is_filter(const char *word)
{
    size_t length = strcspn(word, " ");
    char first[16];

    if (!word[length] || length >= sizeof(first))
        return 0;
    memcpy(first, word, length);
    first[length] = '\0';
    return is_filter_word(first) || is_protocols(first);
}

/* The name of the method or protocol number INDEX, from 0, or NULL: there are no more. */
static const char *known_word(unsigned index)
{
    unsigned protocol;

    if (index < METHOD_COUNT)
        return method_name((enum method)index);
    if (index == METHOD_COUNT)
        return AUTO;
    protocol = OUTCOME_NONE + index - METHOD_COUNT;
    return protocol <= OUTCOME_LAST_PROTOCOL ? outcome_name((enum outcome)protocol) : NULL;
}

/* Whether WORD is a protocol, in any case of letters, or a method or a path: nothing that names an
 * interface. */
static int is_other_word(const char *word)
{
    const char *name;

    for (unsigned i = 0; (name = known_word(i)); i++)
        if (strcasecmp(word, name) == 0)
            return 1;
    return is_method(word) || is_path(word) || is_protocols(word);
}

/* Whether WORD names interfaces, when the configuration file has named others. */
static int names_interfaces(const char *word)
{
    return is_interface(word) || !(is_method(word) || is_protocols(word) || is_path(word));
}

/* Adds to TEXT the names that WORD may be a misspelling of; if one differs in the case of letters
 * only, no other. Returns their number. */
static unsigned add_meanings(struct text *text, const char *word)
{
    unsigned count = 0;
    const char *name;

    for (unsigned i = 0; (name = known_word(i)); i++)
        if (strcasecmp(word, name) == 0) {
            text_add(text, "%s", name);
            return 1;
        }
    for (unsigned i = 0; (name = known_word(i)); i++)
        if (is_misspelt(word, name))
            text_add(text, "%s%s", count++ ? " or " : "", name);
    return count;
}

static int unknown_word(const char *word, struct error *error)
{
    char chars[128];
    struct text meanings = text_over(chars, sizeof(chars));
    unsigned count = add_meanings(&meanings, word);
    char names[PROTOCOL_LIST_CHARS];
    struct text known = text_over(names, sizeof(names));

    protocols_list(&known);
    return error_set(error,
                     "'%s' is no method (xdp, tc, af_packet, pcap, auto), no protocol (%s) and no "
                     "database (the path of one has a slash or a dot: ./%s)%s%s%s",
                     word, names, word, count ? ": did you mean " : "", chars, count ? "?" : "");
}

static int interface_in_wrong_place(const struct options *options, const char *word,
                                    struct error *error)
{
    for (size_t i = 0; i < options->interface_count; i++)
        if (strcmp(word, options->interfaces[i]) == 0)
            return error_set(error,
                             "the interface '%s' is given twice (a database of that name "
                             "is ./%s)",
                             word, word);
    return error_set(error,
                     "'%s' is an interface: several are joined by commas, as in %s,%s (a database "
                     "of that name is ./%s)",
                     word, options->interfaces[0], word, word);
}

static int take_method(struct options *options, const char *word, struct error *error)
{
    if (options_given(options, "method"))
        return error_set(error, "there can be one method only: '%s' is a second one", word);
    return options_set(options, "method", word, error);
}

static int take_database(struct options *options, const char *word, struct error *error)
{
    if (options_given(options, "db"))
        return error_set(error, "there can be one database only, not both '%s' and '%s'",
                         options->db, word);
    return options_set(options, "db", word, error);
}

/* Takes a protocol among the words and prints a line: earlier versions chose protocols
 * like this. */
static int take_protocols(struct options *options, const char *word, struct error *error)
{
    if (options_given(options, "protocols"))
        return error_set(
            error,
            "protocols are given before '%s': join them with commas, as in --protocols esp,tcp",
            word);
    if (options_set(options, "protocols", word, error) < 0)
        return -1;
    if (!options->quiet)
        fprintf(stderr, "gapwatch: '%s' is taken as --protocols %s\n", word, word);
    return 0;
}

/* Takes a WORD behind the interfaces. */
static int take_word(struct options *options, const char *word, struct error *error)
{
    if (!*word)
        return error_set(error, "one of the words behind the interfaces is empty");
    if (is_method(word))
        return take_method(options, word, error);
    if (is_interface(word))
        return interface_in_wrong_place(options, word, error);
    if (is_protocols(word) || starts_with_protocol(word))
        return take_protocols(options, word, error);
    if (is_vlan_name(word) && access(word, F_OK) != 0)
        return error_set(error, "there is no interface '%s' (a database of that name is ./%s)",
                         word, word);
    if (is_path(word))
        return take_database(options, word, error);
    return unknown_word(word, error);
}

/* The words from FROM on, behind the interfaces, are a filter as tcpdump takes it. */
static int filter_in_words(const struct options *options, int from, struct error *error)
{
    char chars[128];
    struct text filter = text_over(chars, sizeof(chars));

    for (int i = from; i < options->operand_count; i++)
        text_add(&filter, "%s%s", i > from ? " " : "", options->operands[i]);
    return error_set(error, "a filter is an option: --filter '%s'", chars);
}

/* Looks for a filter among the words from TAKEN on. Returns 0, or -1 with ERROR set: there is
 * one. */
static int check_for_filter(const struct options *options, int taken, struct error *error)
{
    for (int i = taken; i < options->operand_count; i++) {
        if (is_filter(options->operands[i]))
            return filter_in_words(options, i, error);
        if (!is_filter_word(options->operands[i]))
            continue;
        while (i > taken && is_protocols(options->operands[i - 1]))
            i--;
        return filter_in_words(options, i, error);
    }
    return 0;
}

/* The first word is no interface. If a later one is, the order is wrong. Returns 0, or -1 with
 * ERROR set. */
static int check_order(const struct options *options, struct error *error)
{
    const char *first = options->operands[0];

    for (int i = 1; i < options->operand_count; i++)
        if (is_interface(options->operands[i]))
            return error_set(error,
                             "'%s' is no interface: that comes first, as in gapwatch capture %s %s",
                             first, options->operands[i], first);
    if (is_path(first))
        return error_set(error,
                         "'%s' is no interface: a capture file is read by gapwatch analyze %s",
                         first, first);
    return 0;
}

/* Takes the interfaces from the first word, if it names any. Returns how many words were taken, or
 * -1 with ERROR set. */
static int take_interfaces(struct options *options, struct error *error)
{
    const char *word = options->operand_count ? options->operands[0] : NULL;

    if (options_given(options, "interface"))
        return 0;
    if (!word || (options->interface_count && !names_interfaces(word)))
        return options->interface_count ? 0
                                        : error_set(error, "no interface given (see gapwatch "
                                                           "capture --help)");
    if (!is_interface(word) && is_other_word(word) && check_order(options, error) < 0)
        return -1;
    options->interface_count = 0; /* the command line wins over the configuration */
    return options_set(options, "interface", word, error) < 0 ? -1 : 1;
}

int capture_take_words(struct options *options, struct error *error)
{
    int taken = take_interfaces(options, error);

    if (taken < 0 || check_for_filter(options, taken, error) < 0)
        return -1;
    for (int i = taken; i < options->operand_count; i++)
        if (take_word(options, options->operands[i], error) < 0)
            return -1;
    return 0;
}
