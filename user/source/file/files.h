/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The source that reads capture files, one or several: in the order of the times of their first
 * frames, or merged by time (source_options.by_time), or as given (in_order). Standard input and
 * pipes cannot be looked at before: with one of them, the order is as given.
 *
 * Messages about single files go to source_options.notices: a file that cannot be read,
 * or is damaged, does not end the others.
 */
#ifndef GAPWATCH_SOURCE_FILE_FILES_H
#define GAPWATCH_SOURCE_FILE_FILES_H

#include "source/capture_file/capture_file.h"
#include "source/source.h"

/* An interface that the files have frames of. The same interface of several files counts once: it
 * has the same number, name and link type. */
struct interface_row {
    uint32_t number;
    char name[INTERFACE_NAME_CHARS];
    char link_type[32];
    uint64_t packets; /* on the wire, before merging */
    uint64_t bytes;
    uint64_t outcomes[OUTCOME_COUNT];
    uint64_t lost; /* by the sensor, according to the file */
};

/* The COUNT paths of the files of the open file_source STATE, in the order in which they are read.
 * They belong to STATE. */
char *const *files_paths(const void *state, size_t *count);

/* Whether the file_source STATE ended early: statistics in the middle of a file reported that its
 * sensor lost frames, which may have been counted as network loss. The files have to be read again,
 * with source_options.survey_all. */
int files_need_survey(const void *state);

/* Called when reading from the file_source STATE has ended or was interrupted, and no thread uses
 * it: adds the notices that are known only then. */
void files_end(void *state);

/* The COUNT interfaces of the file_source STATE, which has ended and which no thread uses. They
 * belong to STATE. */
const struct interface_row *files_interfaces(const void *state, size_t *count);

#endif
