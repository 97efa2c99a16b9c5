/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* A first pass over a capture file, before it is analysed: finds the time of the first frame, and
 * the parts of the file in which an interface lost frames. In pcapng files, statistics report such
 * losses only afterwards, mostly at the end, when gaps in between have already been judged. */
#ifndef GAPWATCH_SOURCE_FILE_SURVEY_H
#define GAPWATCH_SOURCE_FILE_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "source/capture_file/capture_file.h"
#include "source/file/origins.h"

/* More spans of one interface in a file are joined. */
#define LOSSY_SPANS_MAX 4096

/* Offsets in the unpacked file. */
struct lossy_span {
    uint64_t from;
    uint64_t until;
};

/* Spans in which the sensor lost frames of one origin, in order, without overlap. */
struct lossy_spans {
    struct lossy_span *spans;
    size_t count;
    size_t passed;            /* the first spans, which the reader has passed */
    uint64_t losing_since_ns; /* start of the capture in which frames were lost; 0: not known */
};

struct survey {
    uint64_t first_ns; /* time of the first frame; UINT64_MAX: it has none, or none with a time */
    uint64_t stamp_ns; /* its timestamp: another one if the frames behind it show that it is wrong;
                          UINT64_MAX: it has none */
    /* Of a file with several interfaces, whose frames may not be in the order of time: */
    uint32_t begun;                    /* origins of frames at its beginning */
    uint64_t first_of_ns[ORIGINS_MAX]; /* when the first of each came */
    int has_frames;
    int is_pcapng;
    int is_complete; /* the whole file was read; if not, losses are not known */
    int has_statistics;
    uint32_t lossy; /* origins that have spans */
    struct lossy_spans of[ORIGINS_MAX];
};

/* Sets SURVEY to when the first frame of PATH, a regular file, came: by the timestamps of the next
 * frames if its own is wrong, or it has none. ORIGINS are those of all files, or NULL when the time
 * of the first frame of each is not needed. Returns as capture_file_open() does. SURVEY needs
 * survey_release() after OPEN_DONE. */
enum open_status survey_file(struct survey *survey, const char *path, struct link_cache *links,
                             struct origins *origins, struct error *error);

/* State of the survey of losses, shared by all files. */
struct survey_context {
    struct link_cache *links;
    struct said_losses said; /* of the earlier files */
    struct origins *origins;
    int looks_at_all; /* read large files completely, whatever their ends say */
};

/* Adds to SURVEY, of PATH, the spans in which the sensor lost frames. FILE is the argument for
 * origins_of(). */
void survey_losses(struct survey *survey, const char *path, size_t file,
                   struct survey_context *context);

/* Adds a span of ORIGIN to SURVEY, behind those before. Without memory the last one is extended. */
void survey_add_span(struct survey *survey, unsigned origin, uint64_t from, uint64_t until);

/* The set of origins whose frames the sensor lost at OFFSET of the file. OFFSET must not decrease
 * from one call to the next. */
uint32_t survey_losing_at(struct survey *survey, uint64_t offset);

/* Frees what SURVEY holds. */
void survey_release(struct survey *survey);

#endif
