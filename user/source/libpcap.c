/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/libpcap.h"

#include <stdio.h>

#include "source/decode.h"

int libpcap_link_type(pcap_t *pcap, const char *target, enum link_type *link,
                      struct source_statistics *statistics, struct error *error)
{
    int dlt = pcap_datalink(pcap);
    const char *name = pcap_datalink_val_to_name(dlt);

    snprintf(statistics->link_type, sizeof(statistics->link_type), "%s", name ? name : "unknown");
    if (link_type_of(dlt, link) < 0)
        return error_set(error, "%s: link type %s (%d) is not supported", target,
                         statistics->link_type, dlt);
    return 0;
}

int libpcap_set_filter(pcap_t *pcap, const char *expression, struct error *error)
{
    struct bpf_program program;
    int status;

    if (pcap_compile(pcap, &program, expression, 1, PCAP_NETMASK_UNKNOWN) < 0)
        return error_set(error, "filter '%s': %s", expression, pcap_geterr(pcap));
    status = pcap_setfilter(pcap, &program);
    pcap_freecode(&program);
    if (status < 0)
        return error_set(error, "filter '%s': %s", expression, pcap_geterr(pcap));
    return 0;
}
