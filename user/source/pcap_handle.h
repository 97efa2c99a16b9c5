/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The handle of libpcap through which a live source reads, and its state. */
#ifndef GAPWATCH_SOURCE_PCAP_HANDLE_H
#define GAPWATCH_SOURCE_PCAP_HANDLE_H

#include <net/if.h>

#include "source/clock.h"
#include "source/decode.h"
#include "source/interface_watch.h"
#include "source/libpcap.h"
#include "source/source.h"

#define PCAP_WAIT_MS (LIVE_WAIT_NS / 1000000)

struct live {
    struct source_options options;
    pcap_t *pcap; /* NULL while the interface is down or away */
    struct interface_watch watch;
    int is_watched; /* it is an interface, not a device that only libpcap knows, such as "any" */
    int is_back;    /* it came back; not reported yet */
    int is_leaving; /* it went away; the handle still has frames from before */
    struct classifier classifier;
    struct live_clock clock;
    int64_t step_ns; /* step of the clock; frames in the ring may have times from before it */
    int is_hardware_time;
    uint64_t ns_per_tick; /* of the handle's timestamps */
    int was_losing;       /* frames were dropped when the last batch was read */
    unsigned failures;    /* failed reads in a row */
    unsigned drops;       /* drops of the handle so far, by libpcap's counters, which wrap */
    uint64_t stopped_ns;  /* when stop() was called, on the monotonic clock; 0: never */
    struct source_statistics statistics;
};

/* Opens the handle of LIVE, whose options, classifier and watch are set; there is none while the
 * interface is down. Returns as source_ops.open() does, with ERROR set unless it is OPEN_DONE. */
enum open_status pcap_handle_open(struct live *live, struct error *error);

/* Closes the handle. It may be opened again. */
void pcap_handle_close(struct live *live);

#endif
