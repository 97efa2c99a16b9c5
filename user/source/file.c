/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Capture files, read with libpcap: pcap and pcapng in all variants, gzip, standard input. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "source/decode.h"
#include "source/file_clock.h"
#include "source/gzip.h"
#include "source/libpcap.h"
#include "source/source.h"

/* With the C library's default of 4 KB, libpcap is a third slower. */
#define STREAM_BUFFER_OCTETS (512 * 1024)

/* The most that a file adds to a frame, except for pcapng options. */
#define FRAME_OVERHEAD 64

/* How often a wait for the first octet checks for an interrupt. */
#define LOOK_UP_MS 20

/* A larger pipe: with the default of 64 KB, writer and reader wait for each other. */
#define PIPE_OCTETS (1024 * 1024)

/* libpcap calls fread() twice for each packet. Only one thread reads a stream, so it needs no lock.
 * Octets that the stream has buffered can be read without waiting; only glibc tells how many. */
#if defined(__GLIBC__)
#include <stdio_ext.h>
#define STREAM_WITHOUT_LOCK(stream) __fsetlocking(stream, FSETLOCKING_BYCALLER)
#define STREAM_HOLDS(stream)        ((size_t)((stream)->_IO_read_end - (stream)->_IO_read_ptr))
#else
#define STREAM_WITHOUT_LOCK(stream)
#define STREAM_HOLDS(stream) ((void)(stream), (size_t)0)
#endif

struct file {
    pcap_t *pcap;
    FILE *raw;    /* the file itself: read by libpcap, or by gzip */
    FILE *stream; /* the stream that libpcap reads */
    int is_gzip;
    int may_wait;     /* a pipe or the like: the next octet may take a long time */
    uint32_t longest; /* longest frame so far, in captured octets */
    const char *path;
    struct classifier classifier;
    struct frame_limit *limit;
    int at_end;
    int has_failed;
    struct source_statistics statistics;
    char raw_buffer[STREAM_BUFFER_OCTETS];
    char unpacked_buffer[STREAM_BUFFER_OCTETS];
    struct file_clock clock;
};

static void file_close(void *state)
{
    struct file *file = state;

    if (!file)
        return;
    if (file->pcap)
        pcap_close(file->pcap); /* closes its stream, except standard input */
    if (file->raw == stdin)
        setvbuf(stdin, NULL, _IONBF, 0); /* its buffer is in FILE, which is freed */
    else if (file->raw && (file->is_gzip || !file->pcap))
        fclose(file->raw);
    free(file);
}

/* Sets the buffer of STREAM. glibc ignores a size without a buffer. */
static void tune_stream(FILE *stream, char *buffer)
{
    setvbuf(stream, buffer, _IOFBF, STREAM_BUFFER_OCTETS);
    STREAM_WITHOUT_LOCK(stream);
}

static int is_regular(const struct file *file)
{
    struct stat status;

    return fstat(fileno(file->raw), &status) == 0 && S_ISREG(status.st_mode);
}

/* Opens the stream that libpcap reads. Returns NULL with ERROR set when it cannot. */
static FILE *open_stream(struct file *file, struct error *error)
{
    FILE *unpacked;

#if defined(F_SETPIPE_SZ)
    if (file->may_wait)
        fcntl(fileno(file->raw), F_SETPIPE_SZ, PIPE_OCTETS); /* it may fail */
#endif
    tune_stream(file->raw, file->raw_buffer);
    file->is_gzip = gzip_detect(file->raw);
    if (!file->is_gzip)
        return file->raw;
    unpacked = gzip_open(file->raw);
    if (!unpacked)
        error_set(error, "%s: %s", file->path, strerror(ENOMEM));
    else
        tune_stream(unpacked, file->unpacked_buffer);
    return unpacked;
}

/* Whether there is something to read, or the end of the file. Waits for a short while. */
static int has_begun(const struct file *file)
{
    struct pollfd input = {.fd = fileno(file->raw), .events = POLLIN};

    return poll(&input, 1, LOOK_UP_MS) > 0;
}

/* Opens PATH without waiting for the writer of a named pipe. */
static FILE *open_path(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    return fd < 0 ? NULL : fdopen(fd, "rb");
}

/* Opens the file and waits for its first octet, which may take a long time in a pipe. */
static enum open_status open_input(struct file *file, struct error *error)
{
    file->raw = strcmp(file->path, "-") == 0 ? stdin : open_path(file->path);
    if (!file->raw) {
        error_set(error, "%s: %s", file->path, strerror(errno));
        return OPEN_FAILED;
    }
    file->may_wait = !is_regular(file);
    while (file->may_wait && !has_begun(file))
        if (interrupted())
            return OPEN_INTERRUPTED;
    if (file->raw != stdin)
        fcntl(fileno(file->raw), F_SETFL, 0);
    return OPEN_DONE;
}

static int open_capture(struct file *file, struct error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream = open_stream(file, error);

    if (!stream)
        return -1;
    file->stream = stream;
    file->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (file->pcap)
        return 0;
    if (file->is_gzip)
        fclose(stream);
    return error_set(error, "%s: not a capture file: %s", file->path, reason);
}

static enum open_status file_open(void **state, const struct source_options *options,
                                  struct error *error)
{
    struct file *file = calloc(1, sizeof(*file));
    enum open_status status;

    if (!file) {
        error_set(error, "%s: %s", options->target, strerror(ENOMEM));
        return OPEN_FAILED;
    }
    file->path = options->target;
    file->classifier.tunnels = options->tunnels;
    file->classifier.esp_ports = options->esp_ports;
    file->classifier.protocols = options->protocols;
    file->limit = options->limit;
    status = open_input(file, error);
    if (status != OPEN_DONE) {
        file_close(file);
        return status;
    }
    if (open_capture(file, error) < 0 ||
        libpcap_link_type(file->pcap, file->path, &file->classifier.link, &file->statistics,
                          error) < 0) {
        file_close(file);
        return OPEN_FAILED;
    }
    if (options->filter && libpcap_set_filter(file->pcap, options->filter, error) < 0) {
        file_close(file);
        return OPEN_BAD_FILTER;
    }
    *state = file;
    return OPEN_DONE;
}

struct reading {
    struct file *file;
    struct batch *batch;
};

static void take_frame(unsigned char *user, const struct pcap_pkthdr *header,
                       const unsigned char *data)
{
    struct reading *reading = (struct reading *)user;
    struct batch *batch = reading->batch;
    struct file *file = reading->file;
    struct seen_frame seen;
    size_t count;

    if (!limit_take(file->limit))
        return;
    decode_header(&seen, header, data);
    seen.timestamp_ns = file_clock_time(&file->clock, seen.timestamp_ns);
    file->statistics.clock_steps = file->clock.steps;
    if (header->caplen > file->longest)
        file->longest = header->caplen;
    decode_seen(&file->classifier, &seen, &file->statistics, &batch->records[batch->count], &count);
    batch->count += count;
    if (!batch_has_room(batch))
        pcap_breakloop(file->pcap);
}

/* Octets of the file that were read, or -1 when this is unknown. */
static off_t file_offset(const struct file *file)
{
    return ftello(file->raw);
}

static enum source_status file_failed(const struct file *file, struct error *error)
{
    char place[64] = "";
    off_t offset = file_offset(file);

    if (offset >= 0)
        snprintf(place, sizeof(place), ", near byte %lld%s", (long long)offset,
                 file->is_gzip ? " of the gzip file" : "");
    error_set(error, "%s: damaged after packet %llu%s: %s", file->path,
              (unsigned long long)file->statistics.frames, place, pcap_geterr(file->pcap));
    return SOURCE_FAILED;
}

/* The number of frames, at most LIMIT, that can be read without waiting, if none is longer than the
 * longest so far. */
static int frames_waiting(const struct file *file, size_t limit)
{
    int octets = 0;
    size_t frames;

    if (ioctl(fileno(file->raw), FIONREAD, &octets) < 0)
        return (int)limit;
    frames = ((size_t)octets + STREAM_HOLDS(file->stream)) / (file->longest + FRAME_OVERHEAD);
    return (int)(frames < limit ? frames : limit);
}

/* Fills the batch, but returns early when the next frame has not arrived yet. Returns as
 * pcap_dispatch() does. */
static int read_frames(struct reading *reading)
{
    struct file *file = reading->file;
    unsigned char *user = (unsigned char *)reading;
    int frames = 1;
    int status;

    if (!file->may_wait)
        return pcap_dispatch(file->pcap, BATCH_FRAMES, take_frame, user);
    do {
        status = pcap_dispatch(file->pcap, frames, take_frame, user);
        frames = frames_waiting(file, BATCH_FRAMES - reading->batch->count);
    } while (status > 0 && frames > 0 && batch_has_room(reading->batch));
    return status;
}

static enum source_status file_next(void *state, unsigned worker, struct batch *batch,
                                    struct error *error)
{
    struct file *file = state;
    struct reading reading = {.file = file, .batch = batch};
    off_t offset;
    int status;

    (void)worker;
    batch->count = 0;
    if (file->has_failed)
        return file_failed(file, error);
    if (file->at_end)
        return SOURCE_END;
    status = read_frames(&reading);
    /* Frames before the end or the damage are in this batch, so it is returned first. */
    file->at_end = status == 0 || limit_is_reached(file->limit);
    file->has_failed = status < 0 && status != PCAP_ERROR_BREAK && !file->at_end;
    offset = file_offset(file);
    batch->octets = offset > 0 ? (uint64_t)offset : 0;
    batch->frames = file->statistics.frames;
    return SOURCE_MORE;
}

static void file_statistics(const void *state, unsigned worker,
                            struct source_statistics *statistics)
{
    (void)worker;
    *statistics = ((const struct file *)state)->statistics;
}

static uint64_t file_size(const void *state)
{
    const struct file *file = state;
    struct stat status;

    if (fstat(fileno(file->raw), &status) < 0 || !S_ISREG(status.st_mode))
        return 0;
    return (uint64_t)status.st_size;
}

const struct source_ops file_source = {
    .name = "file",
    .open = file_open,
    .next = file_next,
    .statistics = file_statistics,
    .size = file_size,
    .close = file_close,
};
