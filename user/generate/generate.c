/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Generates files from the tables of figures, options, protocols and routes during the build.
 * Copies FILE to standard output, replacing its directives.
 *
 *   generate FILE
 *
 * A line that begins with @ (after blanks, or after "<!-- " in Markdown) is a directive:
 *
 *   @columns TABLE [,]               columns for CREATE TABLE; with the comma, others follow
 *   @part TABLE [,]                  the same without keys
 *   @select TABLE SQL_TABLE          the names of the same columns for SELECT
 *   @added TABLE SQL_TABLE VERSION   ALTER TABLE for the columns that a schema version added
 *   @object NAME TABLE, @row NAME TABLE, @list NAME ITEM [OTHER], @summary, @paths, @parameters
 * parts of openapi.json
 *   @markdown TABLE                  a table; replaces all lines up to "<!-- @end -->"
 *   @figures TABLE, @options COMMAND, @keys, @protocols, @tunnels   lists of the manual pages
 *   @completion_options, @completion_arguments   cases of the completions for shells
 *   @include FILE                    another file of the same folder, treated in the same way
 *
 * In any other line, @numbered@ becomes the names of the protocols that have sequence numbers, as a
 * regular expression, @exhausting@ those of the protocols whose numbers end at 2^32, and @commands@
 * the names of the program's commands.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "flow/outcome_name.h"
#include "generate/output.h"

#define LINE_CHARS    4096
#define WORDS_MAX     4
#define MARKDOWN_MARK "<!-- "
#define MARKDOWN_END  "<!-- @end -->"

static const char *file_name;
static unsigned line_number;

static void fail(const char *reason, const char *what)
{
    fprintf(stderr, "%s:%u: %s %s\n", file_name, line_number, reason, what);
    exit(1);
}

static void copy_file(const char *path);

/* Copies the file NAME, which is in the folder of the current file. */
static void include(const char *name)
{
    const char *slash = strrchr(file_name, '/');
    int folder = slash ? (int)(slash + 1 - file_name) : 0;
    const char *outer_name = file_name;
    unsigned outer_number = line_number;
    char path[LINE_CHARS];

    snprintf(path, sizeof(path), "%.*s%s", folder, file_name, name);
    copy_file(path);
    file_name = outer_name;
    line_number = outer_number;
}

static const struct table *find_table(const char *name)
{
    const struct table *table = table_find(name);

    if (!table)
        fail("there is no table", name);
    return table;
}

/* The command NAME, or COMMAND_NONE: the options that every command takes. */
static enum command_set find_command(const char *name)
{
    if (!*name)
        return COMMAND_NONE;
    for (unsigned command = 1; command <= COMMANDS_ALL; command <<= 1)
        if (strcmp(command_name((enum command_set)command), name) == 0)
            return (enum command_set)command;
    fail("there is no command", name);
    return COMMAND_NONE;
}

/* Executes the directive in WORDS if it is one of the manual or of completions. Returns whether it
 * is. */
static int obey_for_users(char *const words[WORDS_MAX])
{
    static const struct {
        const char *word;
        void (*write)(void);
    } simple[] = {{"@keys", mdoc_keys},
                  {"@protocols", mdoc_protocols},
                  {"@tunnels", mdoc_tunnels},
                  {"@completion_options", completion_options},
                  {"@completion_arguments", completion_arguments}};

    if (strcmp(words[0], "@figures") == 0)
        return mdoc_figures(find_table(words[1])), 1;
    if (strcmp(words[0], "@options") == 0)
        return mdoc_options(find_command(words[1])), 1;
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
        if (strcmp(words[0], simple[i].word) == 0)
            return simple[i].write(), 1;
    return 0;
}

/* Executes the directive in WORDS; missing words are "". */
static void obey(char *const words[WORDS_MAX])
{
    const char *word = words[0];

    if (obey_for_users(words))
        return;
    if (strcmp(word, "@columns") == 0)
        sql_columns(find_table(words[1]), 0, *words[2] == ',');
    else if (strcmp(word, "@part") == 0)
        sql_columns(find_table(words[1]), 1, *words[2] == ',');
    else if (strcmp(word, "@select") == 0)
        sql_names(find_table(words[1]), words[2]);
    else if (strcmp(word, "@added") == 0)
        sql_added(find_table(words[1]), words[2], atoi(words[3]));
    else if (strcmp(word, "@object") == 0)
        openapi_object(words[1], find_table(words[2]), 0);
    else if (strcmp(word, "@row") == 0)
        openapi_object(words[1], find_table(words[2]), 1);
    else if (strcmp(word, "@list") == 0)
        openapi_list(words[1], words[2], words[3]);
    else if (strcmp(word, "@summary") == 0)
        openapi_summary();
    else if (strcmp(word, "@paths") == 0)
        openapi_paths();
    else if (strcmp(word, "@parameters") == 0)
        openapi_parameters();
    else if (strcmp(word, "@include") == 0)
        include(words[1]);
    else
        fail("there is no directive", word);
}

/* Splits LINE into WORDS; missing words are "". */
static void split(char *line, char *words[WORDS_MAX])
{
    static char nothing[1];

    for (int i = 0; i < WORDS_MAX; i++) {
        words[i] = strtok(i ? NULL : line, " \n");
        if (!words[i])
            words[i] = nothing;
    }
}

static int is_numbered(int bits)
{
    return bits != 0;
}

static int is_exhausting(int bits)
{
    return bits == 32;
}

/* Writes the names of the protocols for whose size of numbers, in bits, TAKES returns true. */
static void write_protocols(int (*takes)(int bits))
{
    const char *before = "";

    for (enum outcome i = OUTCOME_NONE + 1; i <= OUTCOME_LAST_PROTOCOL; i++)
        if (takes(outcome_number_bits(i))) {
            printf("%s%s", before, outcome_name(i));
            before = "|";
        }
}

static void write_numbered(void)
{
    write_protocols(is_numbered);
}

static void write_exhausting(void)
{
    write_protocols(is_exhausting);
}

/* Copies LINE, replacing marks by names. */
static void copy_line(const char *line)
{
    static const struct {
        const char *mark;
        void (*write)(void);
    } marks[] = {{"@numbered@", write_numbered},
                 {"@exhausting@", write_exhausting},
                 {"@commands@", completion_commands}};
    const size_t count = sizeof(marks) / sizeof(marks[0]);

    while (*line) {
        size_t i = 0;

        while (i < count && strncmp(line, marks[i].mark, strlen(marks[i].mark)) != 0)
            i++;
        if (i < count) {
            marks[i].write();
            line += strlen(marks[i].mark);
        } else {
            putchar(*line++);
        }
    }
}

/* In Markdown the directive stays, and the old text after it is replaced. */
static void renew(FILE *file, char *line)
{
    char *words[WORDS_MAX];

    printf("%s", line);
    split(line + strlen(MARKDOWN_MARK), words);
    markdown_rows(find_table(words[1]));
    do {
        line_number++;
        if (!fgets(line, LINE_CHARS, file))
            fail("without an end:", words[0]);
    } while (strncmp(line, MARKDOWN_END, strlen(MARKDOWN_END)) != 0);
    printf("%s", line);
}

static void copy_file(const char *path)
{
    char line[LINE_CHARS];
    char *words[WORDS_MAX];
    FILE *file = fopen(path, "r");

    file_name = path;
    line_number = 0;
    if (!file)
        fail("cannot be read:", strerror(errno));
    while (fgets(line, sizeof(line), file)) {
        line_number++;
        if (strncmp(line, MARKDOWN_MARK "@markdown ", strlen(MARKDOWN_MARK "@markdown ")) == 0) {
            renew(file, line);
        } else if (line[strspn(line, " ")] == '@') {
            split(line, words);
            obey(words);
        } else {
            copy_line(line);
        }
    }
    fclose(file);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: generate FILE\n");
        return 2;
    }
    copy_file(argv[1]);
    return fflush(stdout) == 0 ? 0 : 1;
}
