/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/capture_file/link_cache.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "source/capture_file/octets.h"
#include "source/decode.h"

#define MAGIC         0xA1B2C3D4
#define MAJOR_VERSION 2
#define MINOR_VERSION 4
#define SNAP_LENGTH   2048 /* of libpcap's handle, which reads no frame */

/* A file with more link types is damaged: fewer exist. */
#define LINKS_MAX 1000

static uint32_t in_order(uint32_t value, int is_swapped)
{
    return is_swapped ? swap_32(value) : value;
}

static void make_header(struct pcap_file_header_octets *header, uint32_t number, int is_swapped)
{
    *header = (struct pcap_file_header_octets){
        .magic = in_order(MAGIC, is_swapped),
        .major_version = is_swapped ? swap_16(MAJOR_VERSION) : MAJOR_VERSION,
        .minor_version = is_swapped ? swap_16(MINOR_VERSION) : MINOR_VERSION,
        .snap_length = in_order(SNAP_LENGTH, is_swapped),
        .link_type = in_order(number, is_swapped),
    };
}

/* Makes a libpcap handle for LINK. libpcap translates link types of files (LINKTYPE) to its own
 * (DLT) only when it reads the header of a file, so it reads one here. Returns NULL: no memory. */
static pcap_t *open_handle(struct file_link *link)
{
    char reason[PCAP_ERRBUF_SIZE];
    FILE *stream;
    pcap_t *pcap;

    make_header(&link->header, link->number, link->is_swapped);
    stream = fmemopen(&link->header, sizeof(link->header), "rb");
    pcap = stream ? pcap_fopen_offline(stream, reason) : NULL;
    if (stream && !pcap)
        fclose(stream);
    return pcap;
}

/* Compiles the filter for LINK, which has the handle PCAP. */
static void compile(struct link_cache *cache, struct file_link *link, pcap_t *pcap)
{
    if (pcap_compile(pcap, &link->program, cache->filter, 1, PCAP_NETMASK_UNKNOWN) < 0) {
        error_set(&cache->why, "filter '%s': %s", cache->filter, pcap_geterr(pcap));
        link->matches_nothing = 1;
        cache->failed++;
        return;
    }
    link->has_filter = 1;
    cache->compiled++;
}

/* Finds LINK's counterparts in libpcap and in the classifier. Its handle stays only for the filter.
 * Returns 0, or -1: no memory. */
static int describe(struct link_cache *cache, struct file_link *link)
{
    pcap_t *pcap = open_handle(link);
    const char *name;
    int dlt;

    if (!pcap)
        return -1;
    dlt = pcap_datalink(pcap);
    name = pcap_datalink_val_to_name(dlt);
    if (name)
        snprintf(link->name, sizeof(link->name), "%s", name);
    else
        snprintf(link->name, sizeof(link->name), "unknown (%d)", dlt);
    link->is_readable = link_type_of(dlt, &link->type) == 0;
    link->needs_swapping = link->is_swapped && dlt == DLT_NFLOG;
    link->matches_nothing = cache->filter && !link->is_readable;
    if (cache->filter && link->is_readable)
        compile(cache, link, pcap);
    pcap_close(pcap);
    return 0;
}

static struct file_link *add(struct link_cache *cache, uint32_t number, int is_swapped)
{
    struct file_link *link = cache->count < LINKS_MAX ? calloc(1, sizeof(*link)) : NULL;

    if (!link)
        return NULL;
    link->number = number;
    link->is_swapped = is_swapped;
    if (describe(cache, link) < 0) {
        free(link);
        return NULL;
    }
    link->next = cache->first;
    cache->first = link;
    cache->count++;
    return link;
}

struct file_link *link_cache_get(struct link_cache *cache, uint32_t number, int is_swapped,
                                 struct error *error)
{
    struct file_link *link = cache->first;

    while (link && (link->number != number || link->is_swapped != is_swapped))
        link = link->next;
    if (link)
        return link;
    link = add(cache, number, is_swapped);
    if (!link)
        error_set(error, "link type %u: %s", number, strerror(ENOMEM));
    return link;
}

void link_cache_release(struct link_cache *cache)
{
    struct file_link *next;

    for (struct file_link *link = cache->first; link; link = next) {
        next = link->next;
        if (link->has_filter)
            pcap_freecode(&link->program);
        free(link);
    }
    cache->first = NULL;
}
