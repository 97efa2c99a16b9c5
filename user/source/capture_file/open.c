/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/open.h"

#include "base/interrupt.h"
#include "source/capture_file/pcap.h"
#include "source/capture_file/pcapng.h"

#define MAGIC_OCTETS 4

enum open_status capture_file_begin(struct capture_file *file, struct error *error)
{
    enum input_status status = capture_file_wait(file, MAGIC_OCTETS);
    int known = 0;

    if (status == INPUT_DONE)
        known = pcap_begin(file, error);
    if (status == INPUT_DONE && !known)
        known = pcapng_begin(file, error);
    file->is_recognised = known != 0 || status == INPUT_DAMAGED;
    if (known > 0)
        return OPEN_DONE;
    if (interrupted())
        return OPEN_INTERRUPTED;
    if (known == 0)
        error_set(
            error, "%s: not a capture file%s%s", file->path,
            status == INPUT_DONE || status == INPUT_END ? "" : ": ",
            status == INPUT_DONE || status == INPUT_END ? "" : input_problem(&file->input, status));
    return OPEN_FAILED;
}

enum open_status capture_file_open(struct capture_file *file, const char *path, int follows,
                                   struct link_cache *links, struct error *error)
{
    enum open_status status;

    *file = (struct capture_file){.path = path, .links = links};
    status = input_open(&file->input, path, follows, error);
    if (status != OPEN_DONE) {
        file->is_recognised = file->input.unpacker.format != NULL;
        return status;
    }
    status = capture_file_begin(file, error);
    if (status != OPEN_DONE)
        capture_file_close(file);
    return status;
}
