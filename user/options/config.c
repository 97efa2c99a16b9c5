/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "options/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/spelling.h"
#include "base/text.h"
#include "options/lexer.h"
#include "options/table.h"
#include "options/type.h"

#define FILE_OCTETS_MAX   65536
#define KEY_CHARS         128
#define LIST_ELEMENTS_MAX 256 /* whose lines are known */
#define DEPTH_MAX         4   /* of nested objects; keys have fewer */

struct config {
    struct options *options;
    struct options ignored; /* takes values without effect: the command line has priority, or they
                               are for other commands */
    uint64_t set;           /* a bit for each row of the table that the file sets */
    char chars[KEY_CHARS];  /* the present key, behind the keys of the objects around it */
    struct text key;
    struct lexer lexer;
};

/* Reads the file to TEXT of FILE_OCTETS_MAX + 1, with a terminator. Returns its length, or -1 with
 * ERROR set. */
static long read_file(const char *path, char *text, struct error *error)
{
    FILE *file = fopen(path, "r");
    size_t length;
    int failed;

    if (!file)
        return error_set(error, "cannot read %s: %s", path, strerror(errno));
    length = fread(text, 1, FILE_OCTETS_MAX + 1, file);
    failed = ferror(file) ? errno : 0;
    fclose(file);
    if (failed)
        return error_set(error, "cannot read %s: %s", path, strerror(failed));
    if (length > FILE_OCTETS_MAX)
        return error_set(error, "%s is longer than %d bytes", path, FILE_OCTETS_MAX);
    return (long)length;
}

/* The kind of value of TOKEN, or 0 when no option takes it. */
static unsigned kind_of(int token)
{
    switch (token) {
    case TOKEN_TRUE:
    case TOKEN_FALSE:
        return VALUE_FLAG;
    case TOKEN_NUMBER:
        return VALUE_NUMBER;
    case TOKEN_STRING:
        return VALUE_TEXT;
    case '[':
        return VALUE_LIST;
    default:
        return 0;
    }
}

/* Describes the values of an option that takes KINDS of them. */
static const char *name_of_kinds(unsigned kinds)
{
    if (kinds & VALUE_FLAG)
        return "true or false, without quotation marks";
    if (kinds & VALUE_LIST)
        return "a string or a list of strings";
    return kinds & VALUE_TEXT ? "a string in quotation marks"
                              : "a whole number, without quotation marks";
}

static int not_json(struct config *config, int token, const char *expected, struct error *error)
{
    if (token == TOKEN_WRONG)
        return error_set(error, "%s", config->lexer.problem);
    return error_set(error, "not JSON: expected %s", expected);
}

/* The options to set for ROW. */
static struct options *target_of(struct config *config, const struct option_row *row)
{
    int is_given = config->options->given >> (row - option_table) & 1;

    return option_belongs(row, config->options->command) && !is_given ? config->options
                                                                      : &config->ignored;
}

/* Sets the option of ROW from the LENGTH characters of VALUE. */
static int set_from_text(struct config *config, const struct option_row *row, const char *value,
                         size_t length, struct error *error)
{
    struct options *target = target_of(config, row);
    const char *text = options_keep(target, value, length);
    struct error why;

    if (!text)
        return error_set(error, "%s: together the values of this file are too long", config->chars);
    if (row->type->parse(target, row, text, &why) == 0)
        return 0;
    return error_set(error, "%s: %s", config->chars, why.text);
}

/* The elements of a list. */
struct list {
    char chars[OPTION_TEXTS_CHARS]; /* joined with commas, as on the command line */
    struct text text;
    unsigned count; /* of those whose place is known */
    struct {
        size_t start, end; /* in CHARS */
        unsigned line;
    } elements[LIST_ELEMENTS_MAX];
};

static void add_element(struct list *list, const struct lexer *lexer)
{
    text_add(&list->text, "%s%s", list->text.length ? "," : "", lexer->chars);
    if (list->count == LIST_ELEMENTS_MAX)
        return;
    list->elements[list->count].start =
        list->count ? list->elements[list->count - 1].end + strlen(",") : 0;
    list->elements[list->count].end = list->text.length;
    list->elements[list->count].line = lexer->line;
    list->count++;
}

/* Whether the option of ROW takes the part of LIST from START to END. Sets WHY if it does not. */
static int takes(const struct config *config, const struct option_row *row, const struct list *list,
                 size_t start, size_t end, struct error *why)
{
    struct options scratch = {.command = config->options->command};
    char part[OPTION_TEXTS_CHARS];

    memcpy(part, list->chars + start, end - start);
    part[end - start] = '\0';
    return row->type->parse(&scratch, row, part, why) == 0;
}

/* Called when the option of ROW refused LIST: finds the first element that it refuses, alone or
 * after those before it. Sets ERROR to the reason, and the lexer's line to that of the element. */
static void blame_element(struct config *config, const struct option_row *row,
                          const struct list *list, struct error *error)
{
    struct error why;

    for (unsigned i = 0; i < list->count; i++) {
        size_t end = list->elements[i].end;

        if (takes(config, row, list, list->elements[i].start, end, &why) &&
            takes(config, row, list, 0, end, &why))
            continue;
        config->lexer.line = list->elements[i].line;
        error_set(error, "%s: %s", config->chars, why.text);
        return;
    }
}

/* Sets the option of ROW from a list whose [ was read. */
static int set_from_list(struct config *config, const struct option_row *row, struct error *error)
{
    int token = lexer_next(&config->lexer);
    struct list list = {.count = 0};

    list.text = text_over(list.chars, sizeof(list.chars));
    for (;;) {
        if (token == TOKEN_WRONG)
            return not_json(config, token, "", error);
        if (token != TOKEN_STRING && !(token == TOKEN_NUMBER && row->type->values & VALUE_NUMBER))
            return error_set(error, "%s takes %s", config->chars, name_of_kinds(VALUE_LIST));
        add_element(&list, &config->lexer);
        token = lexer_next(&config->lexer);
        if (token == ']')
            break;
        if (token != ',')
            return not_json(config, token, "a comma or ]", error);
        token = lexer_next(&config->lexer);
    }
    if (set_from_text(config, row, list.chars, list.text.length, error) == 0)
        return 0;
    blame_element(config, row, &list, error);
    return -1;
}

static int unknown_key(const char *key, struct error *error)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option_row *row = &option_table[i];

        if (row->type->values && is_misspelt(key, row->name))
            return error_set(error, "there is no key '%s': did you mean %s?", key, row->name);
        if (row->type->values && row->key && is_misspelt(key, row->key))
            return error_set(error, "there is no key '%s': did you mean %s?", key, row->key);
    }
    return error_set(error, "there is no key '%s'", key);
}

/* Sets the option of the present key from the value that starts with TOKEN. */
static int set_option(struct config *config, int token, struct error *error)
{
    const struct option_row *row = option_keyed(config->chars, config->options->command);
    uint64_t bit;

    if (token == TOKEN_WRONG)
        return not_json(config, token, "", error);
    if (!row)
        return unknown_key(config->chars, error);
    if (!(row->type->values & kind_of(token)))
        return error_set(error, "%s takes %s", config->chars, name_of_kinds(row->type->values));
    bit = UINT64_C(1) << (row - option_table);
    if (config->set & bit)
        return error_set(error, "%s is given twice", config->chars);
    config->set |= bit;
    if (token == '[')
        return set_from_list(config, row, error);
    if (token == TOKEN_FALSE)
        return 0;
    return set_from_text(config, row, config->lexer.chars, config->lexer.length, error);
}

/* The first key in an object with the present key whose option takes one of KINDS of values, or
 * NULL: there is none. */
static const char *key_inside(const struct config *config, unsigned kinds)
{
    for (size_t i = 0; i < option_count; i++) {
        const char *key = option_table[i].key;

        if (key && option_table[i].type->values & kinds &&
            strncmp(key, config->chars, config->key.length) == 0 && key[config->key.length] == '.')
            return key;
    }
    return NULL;
}

static int read_members(struct config *config, unsigned depth, struct error *error);

/* Reports that the present key has a value that starts with TOKEN instead of an object. Names the
 * key inside that takes such a value, if there is one. */
static int not_object(const struct config *config, int token, struct error *error)
{
    const char *meant = key_inside(config, kind_of(token));

    return meant ? error_set(error, "%s takes an object: did you mean %s?", config->chars, meant)
                 : error_set(error, "%s takes an object", config->chars);
}

/* Reads a key and its value, from TOKEN on. DEPTH is the number of objects around it. */
static int read_member(struct config *config, int token, unsigned depth, struct error *error)
{
    size_t length = config->key.length;
    int is_object, status;

    if (token != TOKEN_STRING)
        return not_json(config, token, "a key in quotation marks", error);
    text_add(&config->key, "%s%s", length ? "." : "", config->lexer.chars);
    token = lexer_next(&config->lexer);
    if (token != ':')
        return not_json(config, token, "a colon", error);
    token = lexer_next(&config->lexer);
    is_object = key_inside(config, ~0U) != NULL;
    if (token == '{' && depth < DEPTH_MAX && is_object)
        status = read_members(config, depth + 1, error);
    else if (token != '{' && is_object)
        status = not_object(config, token, error);
    else
        status = set_option(config, token, error);
    config->key.length = length;
    config->chars[length] = '\0';
    return status;
}

/* Reads the members of an object whose { was read, and its }. */
static int read_members(struct config *config, unsigned depth, struct error *error)
{
    int token = lexer_next(&config->lexer);

    if (token == '}')
        return 0;
    for (;;) {
        if (read_member(config, token, depth, error) < 0)
            return -1;
        token = lexer_next(&config->lexer);
        if (token == '}')
            return 0;
        if (token != ',')
            return not_json(config, token, "a comma or }", error);
        token = lexer_next(&config->lexer);
    }
}

static int read_all(struct config *config, struct error *error)
{
    int token = lexer_next(&config->lexer);

    if (token == '[' || token == TOKEN_STRING || token == TOKEN_NUMBER)
        return error_set(error, "a configuration is one JSON object: { ... }");
    if (token != '{')
        return not_json(config, token, "a JSON object, which starts with {", error);
    if (read_members(config, 0, error) < 0)
        return -1;
    token = lexer_next(&config->lexer);
    return token == TOKEN_END
               ? 0
               : not_json(config, token, "the end of the file behind the object", error);
}

enum options_status config_apply_text(struct options *options, const char *path, const char *text,
                                      size_t length, struct error *error)
{
    struct config config = {.options = options, .ignored = {.command = options->command}};
    struct error why;

    config.key = text_over(config.chars, sizeof(config.chars));
    lexer_begin(&config.lexer, text, length);
    if (read_all(&config, &why) == 0)
        return OPTIONS_DONE;
    error_set(error, "%s:%u: %s", path, config.lexer.line, why.text);
    return OPTIONS_WRONG;
}

enum options_status config_apply(struct options *options, const char *path, struct error *error)
{
    char text[FILE_OCTETS_MAX + 1];
    long length = read_file(path, text, error);

    if (length < 0)
        return OPTIONS_FAILED;
    return config_apply_text(options, path, text, (size_t)length, error);
}
