/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A first look at a capture file, before it is analysed: when its first frame came, and between
 * which places its interfaces lost frames. pcapng files tell the latter behind these places, mostly
 * at their end, when the loss in between has been judged.
 */
#ifndef GAPWATCH_SOURCE_FILE_SURVEY_H
#define GAPWATCH_SOURCE_FILE_SURVEY_H

#include <stddef.h>
#include <stdint.h>

#include "source/capture_file/capture_file.h"

/* More spans of one file are joined. */
#define LOSSY_SPANS_MAX 4096

/* Offsets in the unpacked file. */
struct lossy_span {
    uint64_t from;
    uint64_t until;
};

struct survey {
    uint64_t first_ns; /* time of the first frame; UINT64_MAX: it has none, or none with a time */
    uint64_t stamp_ns; /* its timestamp: another one if the frames behind it show that it is wrong;
                          UINT64_MAX: it has none */
    int has_frames;
    int is_pcapng;
    int is_complete; /* the whole file was looked at; else it says nothing of losses */
    int has_statistics;
    uint64_t losing_since_ns; /* start of the capture of an interface that lost frames; 0: none */
    struct lossy_span *spans; /* in which the sensor lost frames, in order, without overlap */
    size_t span_count;
};

/* Sets SURVEY to when the first frame of PATH, a regular file, came: by the timestamps of the next
 * frames if its own is wrong, or it has none. Returns as capture_file_open()
 * does. SURVEY needs survey_release() after OPEN_DONE. */
enum open_status survey_file(struct survey *survey, const char *path, struct link_cache *links,
                             struct error *error);

/* Adds to SURVEY, of PATH, where the sensor lost frames. SAID is of the earlier files; the file is
 * added to it. */
void survey_losses(struct survey *survey, const char *path, struct link_cache *links,
                   struct said_losses *said);

/* Adds a span to SURVEY, behind those before. Without memory the last one is extended. */
void survey_add_span(struct survey *survey, uint64_t from, uint64_t until);

void survey_release(struct survey *survey);

#endif
