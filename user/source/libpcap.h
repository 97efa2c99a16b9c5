/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the sources that read through libpcap share. */
#ifndef GAPWATCH_SOURCE_LIBPCAP_H
#define GAPWATCH_SOURCE_LIBPCAP_H

#include <pcap/pcap.h>

#include "base/error.h"
#include "classify.h"
#include "source/source.h"

/* Sets LINK, and STATISTICS' link type, to those of the opened PCAP on TARGET. Returns 0, or -1
 * with ERROR set: not one that is supported. */
int libpcap_link_type(pcap_t *pcap, const char *target, enum link_type *link,
                      struct source_statistics *statistics, struct error *error);

/* From now on PCAP yields only what matches EXPRESSION. Returns 0, or -1 with ERROR set. */
int libpcap_set_filter(pcap_t *pcap, const char *expression, struct error *error);

#endif
