/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* UDP ports besides 4500 that carry ESP, from --esp-port. */
#ifndef GAPWATCH_ESP_PORTS_H
#define GAPWATCH_ESP_PORTS_H

#include "types.h"

#define ESP_PORTS_MAX 8

struct esp_ports {
    __u16 ports[ESP_PORTS_MAX]; /* 0: unused. Datagrams there are ESP without further proof. */
    __u32 count;
    __u32 any; /* 1: any datagram that looks like ESP is a candidate */
};

/* Whether --esp-port names the port SOURCE or DESTINATION of a datagram. */
static __always_inline int is_esp_port(const struct esp_ports *chosen, __u16 source,
                                       __u16 destination)
{
    if (!chosen->count)
        return 0;
    UNROLLED
    for (int i = 0; i < ESP_PORTS_MAX; i++)
        if (chosen->ports[i] && (chosen->ports[i] == source || chosen->ports[i] == destination))
            return 1;
    return 0;
}

#endif
