/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the generator can write, to standard output. */
#ifndef GAPWATCH_FIGURES_GENERATE_OUTPUT_H
#define GAPWATCH_FIGURES_GENERATE_OUTPUT_H

#include "figures/generate/lines.h"

/* The columns of TABLE for CREATE TABLE; without the keys when IS_PART. HAS_MORE: others follow. */
void sql_columns(const struct table *table, int is_part, int has_more);

/* The names of the columns of TABLE but its keys, as those of SQL_TABLE, for SELECT. */
void sql_names(const struct table *table, const char *sql_table);

/* ALTER TABLE SQL_TABLE for each column of TABLE that came with VERSION of the schema. */
void sql_added(const struct table *table, const char *sql_table, int version);

/* A Markdown table with a row for each figure of TABLE. */
void markdown_rows(const struct table *table);

/*
 * Members of objects of openapi.json, with commas between them: the schema NAME, which has the
 * figures of TABLE; the schema NAME of an answer that lists objects ITEM; the schema of a summary;
 * all paths; all parameters.
 */
void openapi_object(const char *name, const struct table *table);
void openapi_list(const char *name, const char *item);
void openapi_summary(void);
void openapi_paths(void);
void openapi_parameters(void);

#endif
