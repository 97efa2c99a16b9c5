/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/survey.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "source/capture_file/octets.h"
#include "source/capture_file/open.h"
#include "source/capture_file/options.h"
#include "source/file/clock.h"

/* The number of timestamps that tell whether the first one is right. */
#define STAMPS_ENOUGH 3

/* Octets of a file that are searched for its first time. */
#define BEGINNING_OCTETS ((uint64_t)4 << 20)

/* Files up to this size are searched completely for statistics, because that takes little time.
 * Programs that write statistics regularly write some into this much of a file. */
#define WHOLE_OCTETS ((uint64_t)64 << 20)

/* The most blocks that are read at the end of a file, behind its last packet. */
#define LAST_BLOCKS_MAX  1024
#define BLOCK_OCTETS_MIN 12

#define STATISTICS_HEAD_OCTETS 20 /* before the options */
#define STATISTICS_OCTETS_MAX  4096
#define TRAILER_OCTETS         4
#define ALIGNMENT              4u /* of blocks, also where their length leaves out the padding */

#define BLOCK_NAMES      4
#define BLOCK_STATISTICS 5
#define BLOCK_JOURNAL    9
#define BLOCK_SECRETS    10

void survey_add_span(struct survey *survey, unsigned origin, uint64_t from, uint64_t until)
{
    struct lossy_spans *lossy = &survey->of[origin];
    struct lossy_span *spans = lossy->spans;
    size_t count = lossy->count;

    while (count && spans[count - 1].until >= from) {
        count--;
        if (spans[count].from < from)
            from = spans[count].from;
    }
    if (count == LOSSY_SPANS_MAX) {
        spans[count - 1].until = until;
        lossy->count = count;
        return;
    }
    spans = realloc(spans, (count + 1) * sizeof(*spans));
    if (!spans) {
        if (count)
            lossy->spans[count - 1].until = until;
        return;
    }
    spans[count] = (struct lossy_span){.from = from, .until = until};
    lossy->spans = spans;
    lossy->count = count + 1;
    survey->lossy |= origin_bit(origin);
}

uint32_t survey_losing_at(struct survey *survey, uint64_t offset)
{
    uint32_t losing = 0;

    for (uint32_t left = survey->lossy; left; left &= left - 1) {
        unsigned origin = (unsigned)__builtin_ctz(left);
        struct lossy_spans *lossy = &survey->of[origin];

        while (lossy->passed < lossy->count && lossy->spans[lossy->passed].until < offset)
            lossy->passed++;
        if (lossy->passed < lossy->count && lossy->spans[lossy->passed].from <= offset)
            losing |= origin_bit(origin);
    }
    return losing;
}

void survey_release(struct survey *survey)
{
    for (unsigned i = 0; i < ORIGINS_MAX; i++)
        free(survey->of[i].spans);
    *survey = (struct survey){0};
}

static void note_statistics(struct survey *survey, unsigned origin, const struct capture_file *file,
                            const struct file_frame *frame)
{
    uint64_t *since_ns = &survey->of[origin].losing_since_ns;

    survey_add_span(survey, origin, frame->since, file->input.offset);
    if (frame->stamp_ns && (!*since_ns || frame->stamp_ns < *since_ns))
        *since_ns = frame->stamp_ns;
}

/* Reads COUNT octets of FILE at OFFSET. Returns 0, or -1. */
static int read_at(const struct capture_file *file, void *to, size_t count, uint64_t offset)
{
    return pread(file->input.fd, to, count, (off_t)offset) == (ssize_t)count ? 0 : -1;
}

/* Whether a block of TYPE may stand behind the last packet. */
static int may_be_last(uint32_t type)
{
    return type == BLOCK_NAMES || type == BLOCK_STATISTICS || type == BLOCK_JOURNAL ||
           type == BLOCK_SECRETS ||
           type > INT32_MAX; /* custom blocks and others that hold no packets */
}

/* Whether the statistics block of LENGTH octets at OFFSET reports that frames were lost, or may
 * have been. The number of packets that the filter accepted can only be judged after counting the
 * packets of the file. */
static int says_lost(const struct capture_file *file, uint64_t offset, uint32_t length)
{
    unsigned char block[STATISTICS_OCTETS_MAX];
    struct stamp_unit unit = {0};
    struct interface_counts counts;

    if (length < STATISTICS_HEAD_OCTETS + TRAILER_OCTETS || length > sizeof(block))
        return 1;
    if (read_at(file, block, length, offset) < 0)
        return 0;
    options_count((struct block_options){.at = block + STATISTICS_HEAD_OCTETS,
                                         .end = block + length - TRAILER_OCTETS,
                                         .is_swapped = file->is_swapped},
                  &unit, &counts);
    return counts.dropped.value || counts.os_lost.value || counts.accepted.is_said;
}

/* Whether FILE, which is not compressed, reports behind its last packet that frames were lost. Each
 * block repeats its length at its end, so the last ones can be found from there. */
static int ends_with_losses(const struct capture_file *file)
{
    uint64_t end = input_size(&file->input);
    unsigned char octets[4];

    for (unsigned i = 0; i < LAST_BLOCKS_MAX && end >= BLOCK_OCTETS_MIN; i++) {
        uint32_t length, type;

        if (read_at(file, octets, sizeof(octets), end - sizeof(octets)) < 0)
            return 0;
        length = load_32(octets, file->is_swapped);
        length = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (length < BLOCK_OCTETS_MIN || length > end ||
            read_at(file, octets, sizeof(octets), end - length) < 0)
            return 0;
        type = load_32(octets, file->is_swapped);
        end -= length;
        if (type == BLOCK_STATISTICS && says_lost(file, end, length))
            return 1;
        if (!may_be_last(type))
            return 0;
    }
    return 0;
}

/* Whether the beginning of FILE shows that all of it has to be read. A file that is compressed
 * cannot be looked at from its end. */
static int needs_all(const struct capture_file *file)
{
    return file->input.offset < WHOLE_OCTETS || file->statistics_blocks || file->sections > 1 ||
           file->input.unpacker.format;
}

/* The beginning of a file, as far as it was read. */
struct beginning {
    struct origins *origins; /* of all files; NULL: they are not needed */
    uint32_t begun;          /* interfaces that had a frame */
    struct file_clock clock;
    unsigned stamps;  /* so far */
    uint64_t last_ns; /* of the last one */
};

/* Whether more stamps of FILE are needed to know when its first frame came: three of them, or all
 * until the clock is set. */
static int needs_stamps(const struct survey *survey, const struct beginning *beginning,
                        const struct capture_file *file)
{
    if (beginning->stamps && survey->first_ns >= NEVER_SET_BEFORE_NS)
        return beginning->stamps < STAMPS_ENOUGH;
    return file->input.offset < BEGINNING_OCTETS;
}

/* Whether interfaces of FILE had no frame so far, which need to be known. */
static int needs_interfaces(const struct beginning *beginning, const struct capture_file *file)
{
    return beginning->origins && file->interface_count > 1 &&
           beginning->begun < file->interface_count && file->input.offset < BEGINNING_OCTETS;
}

/* Notes when the first frame of an interface came. */
static void take_first_of(struct survey *survey, struct beginning *beginning,
                          const struct file_frame *frame)
{
    unsigned origin;

    if (!beginning->origins || frame->interface->has_origin)
        return;
    beginning->begun++;
    origin = origins_of(beginning->origins, ORIGIN_OF_ANY_FILE, frame->interface);
    if (survey->begun & origin_bit(origin))
        return;
    survey->begun |= origin_bit(origin);
    survey->first_of_ns[origin] = frame->stamp_ns;
}

/* Takes the next of the STAMPS of a file. */
static void take_stamp(struct survey *survey, struct beginning *beginning, uint64_t stamp_ns)
{
    file_clock_time(&beginning->clock, stamp_ns);
    if (!beginning->stamps++)
        survey->first_ns = stamp_ns;
    else if (beginning->clock.wrong == WRONG_ALL)
        survey->first_ns = beginning->clock.before_ns;
    else if (survey->first_ns < NEVER_SET_BEFORE_NS && stamp_ns >= NEVER_SET_BEFORE_NS &&
             beginning->stamps > 2)
        survey->first_ns = stamp_ns - (beginning->last_ns - survey->first_ns);
    beginning->last_ns = stamp_ns;
}

/* Looks at the next frame of FILE. Returns 0 when there is none. */
static int take_frame(struct survey *survey, struct beginning *beginning, struct capture_file *file)
{
    struct file_frame frame;
    enum file_status status = capture_file_next(file, &frame, 1);

    if (status == FILE_STATISTICS || status == FILE_INTERRUPTED)
        return 1;
    if (status != FILE_FRAME)
        return 0;
    if (!survey->has_frames && frame.has_stamp)
        survey->stamp_ns = frame.stamp_ns;
    survey->has_frames = 1;
    if (!frame.has_stamp)
        return 1;
    if (needs_stamps(survey, beginning, file))
        take_stamp(survey, beginning, frame.stamp_ns);
    take_first_of(survey, beginning, &frame);
    return 1;
}

enum open_status survey_file(struct survey *survey, const char *path, struct link_cache *links,
                             struct origins *origins, struct error *error)
{
    struct capture_file file;
    enum open_status opened = capture_file_open(&file, path, 0, links, error);
    struct beginning beginning = {.origins = origins};

    *survey = (struct survey){.first_ns = UINT64_MAX, .stamp_ns = UINT64_MAX};
    if (opened != OPEN_DONE)
        return opened;
    while ((needs_stamps(survey, &beginning, &file) || needs_interfaces(&beginning, &file)) &&
           !interrupted() && take_frame(survey, &beginning, &file))
        ;
    if (file.interface_count < 2 || survey->first_ns != survey->stamp_ns)
        survey->begun = 0;
    survey->is_pcapng = file.is_pcapng;
    capture_file_close(&file);
    return OPEN_DONE;
}

void survey_losses(struct survey *survey, const char *path, size_t file_index,
                   struct survey_context *context)
{
    struct capture_file file;
    enum file_status status;
    struct file_frame frame;
    struct error ignored; /* the reader will report it */
    int reads_all;

    if (capture_file_open(&file, path, 0, context->links, &ignored) != OPEN_DONE)
        return;
    file.said = &context->said;
    reads_all = context->looks_at_all || ends_with_losses(&file);
    do {
        status = capture_file_next(&file, &frame, 1);
        if (status == FILE_STATISTICS)
            note_statistics(survey, origins_of(context->origins, file_index, frame.interface),
                            &file, &frame);
    } while (!interrupted() && status != FILE_END && status != FILE_DAMAGED &&
             (reads_all || needs_all(&file)));
    survey->is_complete = status == FILE_END || status == FILE_DAMAGED;
    survey->has_statistics = file.statistics_blocks > 0;
    said_losses_add(&context->said, &file);
    capture_file_close(&file);
}
