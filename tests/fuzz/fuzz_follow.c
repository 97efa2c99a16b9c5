/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * A capture file that grows, and the files behind it, which are written, written over and removed
 * while they are followed; or all of them as a folder. The first octet chooses how they are named;
 * each other two octets are a step of the writer.
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "folder.h"
#include "protocols.h"
#include "source/file/files.h"
#include "source/notices.h"
#include "tunnels.h"

#define START       1767225600U /* seconds: 2026 */
#define FRAME_BYTES 28
#define LINK_IPV4   228
#define READS_MAX   3  /* each takes 50 ms at least */
#define FILES_MAX   24 /* numbers in names; then they begin anew */

enum {
    AS_A_FOLDER = 4,
    BY_TIME = 8,
    IN_ORDER = 16,
};

struct step {
    uint8_t kind; /* enum step_kind */
    uint8_t value;
};

enum step_kind {
    STEP_READ,
    STEP_NEXT, /* the writer goes on with another file, whose number is that much higher */
    STEP_ANEW, /* it writes over the same one */
    STEP_REMOVE,
    STEP_GARBAGE,
    STEP_FRAME, /* also the next two; its time is that much later */
    STEP_COUNT = 8,
};

struct writer {
    unsigned naming;
    unsigned number;
    int file;
    uint64_t time_ms;
    uint32_t sequence;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int is_true)
{
    if (!is_true)
        abort();
}

/* --- writing --- */

/* Sets PATH to that of file NUMBER: as tcpdump -C, dumpcap, or another program names it. */
static void name_file(char path[128], unsigned naming, unsigned number)
{
    if (naming == 1)
        snprintf(path, 128, "%s/f_%05u_202601010000%02u.pcap", folder, number, number);
    else if (naming == 2)
        snprintf(path, 128, "%s/f-%02u.pcap", folder, number);
    else if (number)
        snprintf(path, 128, "%s/f.pcap%u", folder, number);
    else
        snprintf(path, 128, "%s/f.pcap", folder);
}

static void begin_file(struct writer *writer)
{
    static const uint32_t head[] = {0xA1B2C3D4, 2 | 4 << 16, 0, 0, 65535, LINK_IPV4};
    char path[128];

    if (writer->file >= 0)
        close(writer->file);
    name_file(path, writer->naming, writer->number);
    writer->file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    must(writer->file >= 0 && write(writer->file, head, sizeof(head)) == (ssize_t)sizeof(head));
}

/* An ESP packet; the writer may be in the middle of it when the file is read. */
static void write_frame(struct writer *writer, uint8_t value)
{
    uint32_t time_ms = (uint32_t)(writer->time_ms += value & 0x7F);
    uint32_t record[4 + FRAME_BYTES / 4] = {START + time_ms / 1000, time_ms % 1000 * 1000,
                                            FRAME_BYTES, FRAME_BYTES};
    uint8_t packet[FRAME_BYTES] = {0x45, 0, 0, FRAME_BYTES, 0, 0, 0, 0, 64, 50};
    size_t size = value == 0x7F ? sizeof(record) / 2 : sizeof(record);

    packet[23] = 1 + (value >> 7);
    packet[22] = 1;
    packet[27] = (uint8_t)++writer->sequence;
    memcpy(record + 4, packet, sizeof(packet));
    must(write(writer->file, record, size) == (ssize_t)size);
}

static void write_step(struct writer *writer, const struct step *step, const uint8_t *data)
{
    char path[128];

    switch (step->kind % STEP_COUNT) {
    case STEP_READ:
        break;
    case STEP_NEXT:
        writer->number = (writer->number + step->value % 4) % FILES_MAX;
        begin_file(writer);
        break;
    case STEP_ANEW:
        begin_file(writer);
        break;
    case STEP_REMOVE:
        name_file(path, writer->naming, step->value % FILES_MAX);
        unlink(path);
        break;
    case STEP_GARBAGE:
        must(write(writer->file, data, 1 + step->value % 2) > 0);
        break;
    default:
        write_frame(writer, step->value);
    }
}

/* --- reading --- */

/* Reads until there is no more for now. Returns whether more may come. */
static int read_present(void *state)
{
    static struct batch batch;
    enum source_status status;
    struct error error;

    do
        status = file_source.next(state, 0, &batch, &error);
    while (status == SOURCE_MORE && (batch.count || batch.lost_count));
    return status == SOURCE_MORE;
}

static void *open_source(const char *path, uint8_t choice, struct notices *notices)
{
    static struct frame_limit limit;
    const struct source_options options = {
        .target = path,
        .targets = &path,
        .target_count = 1,
        .notices = notices,
        .tunnels = TUNNELS_ALL,
        .protocols = PROTOCOLS_ALL,
        .limit = &limit,
        .follow = !(choice & AS_A_FOLDER),
        .by_time = (choice & AS_A_FOLDER) && (choice & BY_TIME),
        .in_order = (choice & IN_ORDER) != 0,
    };
    struct error error;
    void *state;

    return file_source.open(&state, &options, &error) == OPEN_DONE ? state : NULL;
}

static void close_source(void *state)
{
    size_t count;

    files_end(state);
    files_paths(state, &count);
    files_interfaces(state, &count);
    file_source.close(state);
}

/* Takes the steps from DATA to END until the source is to be read. Returns the rest of DATA. */
static const uint8_t *write_some(struct writer *writer, const uint8_t *data, const uint8_t *end)
{
    struct step step = {.kind = STEP_NEXT};

    while (end - data >= (ptrdiff_t)sizeof(step) && step.kind % STEP_COUNT != STEP_READ) {
        memcpy(&step, data, sizeof(step));
        data += sizeof(step);
        write_step(writer, &step, data - sizeof(step));
    }
    return data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *end = data + size;
    struct writer writer = {.file = -1};
    struct notices notices = {0};
    int is_going_on = 1;
    uint8_t choice;
    char first[128];
    void *state;

    if (size < 2)
        return 0;
    choice = data[0];
    if (strstr(folder, "XXXXXX"))
        folder_make();
    writer.naming = choice % 4;
    name_file(first, writer.naming, 0);
    begin_file(&writer);
    data = write_some(&writer, data + 1, end);
    state = open_source(choice & AS_A_FOLDER ? folder : first, choice, &notices);
    for (int i = 0; state && is_going_on && i < READS_MAX; i++) {
        is_going_on = read_present(state);
        if (end - data < (ptrdiff_t)sizeof(struct step))
            break;
        data = write_some(&writer, data, end);
    }
    if (state)
        close_source(state);
    notices_release(&notices);
    close(writer.file);
    folder_clear();
    return 0;
}
