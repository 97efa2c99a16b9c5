/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * Any octets as a capture file, mostly pcapng: the readers stay inside the file, end, and yield
 * frames that lie inside it. The first octet chooses what is put in front of the input: the
 * beginning of a pcapng file in either byte order, or nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "source/capture_file/open.h"

/* A section, and an interface for Ethernet, for netfilter's log (whose headers are swapped in the
 * other byte order), and with resolution and offset. */
#define LITTLE_SECTION                                                                             \
    "\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a\1\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\x1c\0\0\0"
#define LITTLE_INTERFACE "\1\0\0\0\x14\0\0\0\1\0\0\0\0\0\4\0\x14\0\0\0"
#define BIG_SECTION                                                                                \
    "\x0a\x0d\x0d\x0a\0\0\0\x1c\x1a\x2b\x3c\x4d\0\1\0\0\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\x1c"
#define BIG_INTERFACE "\0\0\0\1\0\0\0\x14\0\xef\0\0\0\0\0\0\0\0\0\x14"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Sets INPUT to a file that has been read into the buffer, which is not longer than it: the
 * sanitizer sees each octet behind it. */
static void make_input(struct input *input, const uint8_t *data, size_t size)
{
    static const char little[] = LITTLE_SECTION LITTLE_INTERFACE;
    static const char big[] = BIG_SECTION BIG_INTERFACE;
    const char *beginning = data[0] % 4 == 1 ? little : big;
    size_t octets = data[0] % 4 == 1 ? sizeof(little) - 1 : data[0] % 4 == 2 ? sizeof(big) - 1 : 0;

    *input = (struct input){.fd = -1, .at_end = 1, .end = octets + size - 1};
    input->capacity = input->end ? input->end : 1;
    input->buffer = malloc(input->capacity);
    memcpy(input->buffer, beginning, octets);
    memcpy(input->buffer + octets, data + 1, size - 1);
}

static void check(const struct capture_file *file, const struct file_frame *frame)
{
    const unsigned char *start = file->input.buffer;

    if (frame->data < start || frame->data + frame->captured > start + file->input.end)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct link_cache links;
    struct capture_file file = {.path = "fuzz", .links = &links};
    struct file_frame frame;
    enum file_status status;
    struct error error;
    uint64_t frames = 0;

    if (!size)
        return 0;
    make_input(&file.input, data, size);
    if (capture_file_begin(&file, &error) != OPEN_DONE) {
        capture_file_close(&file);
        return 0;
    }
    while ((status = capture_file_next(&file, &frame, 1)) == FILE_FRAME ||
           status == FILE_STATISTICS) {
        if (status == FILE_FRAME)
            check(&file, &frame);
        if (frames++ > size)
            abort(); /* each takes at least one octet */
    }
    capture_file_close(&file);
    return 0;
}
