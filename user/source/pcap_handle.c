/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/pcap_handle.h"

#include <stdio.h>

#include "source/snap_filter.h"

/* libpcap hands over its frames at the second expiry of this timer at the latest. */
#define BUFFER_TIMEOUT_MS (PCAP_WAIT_MS * 2 / 5)

static int has_timestamp_type(pcap_t *pcap, int wanted)
{
    int *types, found = 0;
    int count = pcap_list_tstamp_types(pcap, &types);

    for (int i = 0; i < count; i++)
        found |= types[i] == wanted;
    if (count > 0)
        pcap_free_tstamp_types(types);
    return found;
}

/*
 * Chooses the clock: the NIC's where it is synchronised with the host's; an unsynchronised one only
 * when the user asks for hardware time. Returns 0, or -1 when the user asks for hardware time and
 * there is none.
 */
static int choose_timestamps(struct live *live)
{
    enum timestamp_choice choice = live->options.timestamp;
    int type = PCAP_TSTAMP_HOST;

    if (choice != TIMESTAMP_SOFTWARE && has_timestamp_type(live->pcap, PCAP_TSTAMP_ADAPTER))
        type = PCAP_TSTAMP_ADAPTER;
    else if (choice == TIMESTAMP_HARDWARE)
        type = PCAP_TSTAMP_ADAPTER_UNSYNCED;
    if (type == PCAP_TSTAMP_ADAPTER_UNSYNCED && !has_timestamp_type(live->pcap, type))
        return -1;
    live->is_hardware_time = type != PCAP_TSTAMP_HOST;
    pcap_set_tstamp_type(live->pcap, type);
    return 0;
}

/* Sets what must be set before the handle is activated. Returns 0, or -1 with ERROR set. */
static int configure(struct live *live, struct error *error)
{
    size_t buffer = live->options.buffer_bytes;

    pcap_set_snaplen(live->pcap, SNAP_WHOLE);
    pcap_set_promisc(live->pcap, 1);
    pcap_set_timeout(live->pcap, BUFFER_TIMEOUT_MS);
    pcap_set_buffer_size(live->pcap, buffer < INT32_MAX ? (int)buffer : INT32_MAX);
    pcap_set_tstamp_precision(live->pcap, PCAP_TSTAMP_PRECISION_NANO); /* where it is supported */
    if (choose_timestamps(live) < 0)
        return error_set(error, "%s: libpcap has no hardware timestamps for it",
                         live->options.target);
    return 0;
}

/* Sets ERROR to why activation failed with STATUS. Returns -1. */
static int activation_failed(struct live *live, int status, struct error *error)
{
    const char *target = live->options.target;

    switch (status) {
    case PCAP_ERROR_NO_SUCH_DEVICE:
        return error_set(error, "%s: there is no such interface", target);
    case PCAP_ERROR_PERM_DENIED:
    case PCAP_ERROR_PROMISC_PERM_DENIED:
#if defined(__linux__)
        return error_set(error, "%s: pcap: needs CAP_NET_RAW", target);
#else
        return error_set(error, "%s: no permission to capture", target);
#endif
    case PCAP_ERROR:
        return error_set(error, "%s: %s", target, pcap_geterr(live->pcap));
    default:
        return error_set(error, "%s: %s", target, pcap_statustostr(status));
    }
}

/* Sets what can be set only on an active handle. Returns 0, or -1 with ERROR set. */
static int finish_handle(struct live *live, struct error *error)
{
    static const pcap_direction_t directions[] = {
        [DIRECTION_BOTH] = PCAP_D_INOUT,
        [DIRECTION_IN] = PCAP_D_IN,
        [DIRECTION_OUT] = PCAP_D_OUT,
    };
    const struct source_options *options = &live->options;
    char reason[PCAP_ERRBUF_SIZE];

    live->ns_per_tick =
        pcap_get_tstamp_precision(live->pcap) == PCAP_TSTAMP_PRECISION_NANO ? 1 : 1000;
    live->drops = 0;
    if (options->direction != DIRECTION_BOTH &&
        pcap_setdirection(live->pcap, directions[options->direction]) < 0)
        return error_set(error, "%s: --direction: %s", options->target, pcap_geterr(live->pcap));
    if (pcap_setnonblock(live->pcap, 1, reason) < 0)
        return error_set(error, "%s: %s", options->target, reason);
    return libpcap_link_type(live->pcap, options->target, &live->classifier.link, &live->statistics,
                             error);
}

void pcap_handle_close(struct live *live)
{
    pcap_close(live->pcap);
    live->pcap = NULL;
    live->is_leaving = 0;
}

/* The current name of the interface; if it was renamed, the name is in NAME. */
static const char *name_now(const struct live *live, char name[IF_NAMESIZE])
{
    if (live->is_watched && live->watch.index && if_indextoname(live->watch.index, name))
        return name;
    return live->options.target;
}

/* Sets the filter of the options. Returns 0, or -1 with ERROR set. */
static int set_filter(struct live *live, struct error *error)
{
    struct bpf_program program;
    int status = snap_filter_make(&program, live->pcap, live->options.filter, error);

    if (status == 0 && pcap_setfilter(live->pcap, &program) < 0)
        status = error_set(error, "%s: filter: %s", live->options.target, pcap_geterr(live->pcap));
    snap_filter_free(&program);
    return status;
}

enum open_status pcap_handle_open(struct live *live, struct error *error)
{
    const struct source_options *options = &live->options;
    char reason[PCAP_ERRBUF_SIZE], name[IF_NAMESIZE];
    int status;

    live->pcap = pcap_create(name_now(live, name), reason);
    if (!live->pcap) {
        error_set(error, "%s: %s", options->target, reason);
        return OPEN_FAILED;
    }
    if (configure(live, error) < 0)
        return OPEN_FAILED;
    status = pcap_activate(live->pcap);
    if (status == PCAP_ERROR_IFACE_NOT_UP && live->is_watched) {
        live->watch.is_up = 0;
        pcap_handle_close(live);
        return OPEN_DONE;
    }
    if (status < 0) {
        activation_failed(live, status, error);
        return OPEN_FAILED;
    }
    if (set_filter(live, error) < 0)
        return OPEN_BAD_FILTER;
    return finish_handle(live, error) < 0 ? OPEN_FAILED : OPEN_DONE;
}
