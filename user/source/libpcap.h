/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Common to the sources that read with libpcap. */
#ifndef GAPWATCH_SOURCE_LIBPCAP_H
#define GAPWATCH_SOURCE_LIBPCAP_H

#include <pcap/pcap.h>

#include "base/error.h"
#include "classify/classify.h"
#include "source/source.h"

/* Sets LINK and the link type in STATISTICS from the open handle PCAP on TARGET. Returns 0, or -1
 * with ERROR set: not supported. */
int libpcap_link_type(pcap_t *pcap, const char *target, enum link_type *link,
                      struct source_statistics *statistics, struct error *error);

/* Makes PCAP yield only frames that match EXPRESSION. Returns 0, or -1 with ERROR set. */
int libpcap_set_filter(pcap_t *pcap, const char *expression, struct error *error);

#endif
