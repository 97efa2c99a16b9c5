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

/* Writes the figures of TABLE as a list of a manual page, in mdoc(7). */
void mdoc_figures(const struct table *table);

/* Writes the options of COMMAND as such a list. */
void mdoc_options(enum command_set command);

/* Writes all keys of the configuration file as such a list. */
void mdoc_keys(void);

/* Writes all protocols as such a list. */
void mdoc_protocols(void);

/* Writes all tunnels as such a list. */
void mdoc_tunnels(void);

/* Writes the names of all commands, each after a blank, for a completion of bash or zsh. */
void completion_commands(void);

/* Writes the cases of the commands with their options, for a completion. */
void completion_options(void);

/* Writes the cases of the options with what completes their argument, for a completion. */
void completion_arguments(void);

/* Writes the schema NAME of openapi.json with the figures of TABLE, and with those of its capture
 * if IS_LABELLED. Schemas are members of an object, with commas between them. */
void openapi_object(const char *name, const struct table *table, int is_labelled);

/* Writes the schema NAME of an answer that lists objects ITEM, or OTHER unless it is "". */
void openapi_list(const char *name, const char *item, const char *other);

/* Writes the schema of a summary. */
void openapi_summary(void);

/* Writes all paths of openapi.json, members of an object. */
void openapi_paths(void);

/* Writes all parameters of openapi.json, members of an object. */
void openapi_parameters(void);

#endif
