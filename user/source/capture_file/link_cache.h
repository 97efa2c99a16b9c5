/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The link types of capture files: their counterparts in libpcap and in the classifier, and the
 * filter, which is compiled for each of them. */
#ifndef GAPWATCH_SOURCE_CAPTURE_FILE_LINK_CACHE_H
#define GAPWATCH_SOURCE_CAPTURE_FILE_LINK_CACHE_H

#include <pcap/pcap.h>
#include <stdint.h>

#include "base/error.h"
#include "link_type.h"

/* The header of a pcap file (draft-ietf-opsawg-pcap, 4). */
struct pcap_file_header_octets {
    uint32_t magic;
    uint16_t major_version;
    uint16_t minor_version;
    uint32_t reserved[2];
    uint32_t snap_length;
    uint32_t link_type;
};

struct file_link {
    struct file_link *next;
    struct pcap_file_header_octets header; /* of a file with this link type, for libpcap */
    uint32_t number;                       /* LINKTYPE, as in the file */
    int is_swapped;  /* the file has the other byte order: it matters to a filter */
    char name[32];   /* as libpcap names it */
    int is_readable; /* the classifier knows it; else `type` is not valid */
    enum link_type type;
    int needs_swapping; /* headers in the byte order of the host that wrote the file (NFLOG) */
    int has_filter;
    int matches_nothing; /* the filter cannot be used with this link type */
    struct bpf_program program;
};

struct link_cache {
    const char *filter; /* pcap-filter expression, or NULL; not owned */
    struct file_link *first;
    unsigned count;
    unsigned compiled; /* link types for which the filter could be compiled */
    unsigned failed;   /* link types for which it could not */
    struct error why;  /* of the last of these */
};

/* The link type NUMBER of a file, which has this machine's byte order unless IS_SWAPPED. Compiles
 * the filter for it. The result belongs to CACHE. Returns NULL with ERROR set when there is no
 * memory. */
struct file_link *link_cache_get(struct link_cache *cache, uint32_t number, int is_swapped,
                                 struct error *error);

/* Whether the filter, if any, takes the frame DATA. */
static inline int file_link_matches(const struct file_link *link, const unsigned char *data,
                                    uint32_t captured, uint32_t length)
{
    struct pcap_pkthdr header = {.caplen = captured, .len = length};

    if (!link->has_filter)
        return !link->matches_nothing;
    return pcap_offline_filter(&link->program, &header, data) != 0;
}

/* Frees all link types of CACHE. */
void link_cache_release(struct link_cache *cache);

#endif
