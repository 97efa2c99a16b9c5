/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The outputs of the generator, written to standard output. */
#ifndef GAPWATCH_GENERATE_OUTPUT_H
#define GAPWATCH_GENERATE_OUTPUT_H

#include "generate/lines.h"
#include "options/options.h"

/* Writes the columns of TABLE for CREATE TABLE, without the keys if IS_PART. HAS_MORE: other
 * columns follow, so the list ends with a comma. */
void sql_columns(const struct table *table, int is_part, int has_more);

/* Writes the columns of TABLE except its keys, as columns of SQL_TABLE, for SELECT. */
void sql_names(const struct table *table, const char *sql_table);

/* Writes ALTER TABLE SQL_TABLE for each column of TABLE that VERSION of the schema added. */
void sql_added(const struct table *table, const char *sql_table, int version);

/* Writes a Markdown table with a row for each figure of TABLE. */
void markdown_rows(const struct table *table);

/* Write lists of a manual page in mdoc(7): the figures of TABLE; the options of COMMAND; all keys
 * of the configuration file; all protocols; all tunnels. */
void mdoc_figures(const struct table *table);
void mdoc_options(enum command_set command);
void mdoc_keys(void);
void mdoc_protocols(void);
void mdoc_tunnels(void);

/* Write parts of a completion for bash or zsh: the names of all commands, each after a blank; the
 * cases of commands with their options; the cases of options with what completes their argument. */
void completion_commands(void);
void completion_options(void);
void completion_arguments(void);

/*
 * Write members of objects of openapi.json, with commas between them. openapi_object(): the schema
 * NAME with the figures of TABLE, and with those of its capture if IS_LABELLED. openapi_list(): the
 * schema NAME of an answer that lists objects ITEM, or OTHER unless it is "". The others: the
 * schema of a summary; all paths; all parameters.
 */
void openapi_object(const char *name, const struct table *table, int is_labelled);
void openapi_list(const char *name, const char *item, const char *other);
void openapi_summary(void);
void openapi_paths(void);
void openapi_parameters(void);

#endif
