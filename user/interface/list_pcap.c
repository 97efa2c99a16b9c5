/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

#include "interface/interface.h"

static enum interface_state state_of(unsigned flags)
{
    if (!(flags & PCAP_IF_UP))
        return INTERFACE_DOWN;
    return (flags & PCAP_IF_CONNECTION_STATUS) == PCAP_IF_CONNECTION_STATUS_DISCONNECTED
               ? INTERFACE_NO_CARRIER
               : INTERFACE_UP;
}

int interface_list_from_pcap(struct interface_list *list, struct error *error)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_if_t *devices;
    int status = 0;

    *list = (struct interface_list){0};
    if (pcap_findalldevs(&devices, reason) < 0)
        return error_set(error, "cannot list the interfaces: %s", reason);
    for (const pcap_if_t *device = devices; device && status == 0; device = device->next) {
        struct interface_facts interface = {
            .state = state_of(device->flags),
            .link = INTERFACE_OTHER_LINK, /* known only once the interface is opened */
        };

        snprintf(interface.name, sizeof(interface.name), "%s", device->name);
        if (device->flags & PCAP_IF_LOOPBACK)
            snprintf(interface.kind, sizeof(interface.kind), "%s", KIND_LOOPBACK);
        status = interface_list_add(list, &interface);
    }
    pcap_freealldevs(devices);
    if (status == 0)
        return 0;
    interface_list_release(list);
    return error_set(error, "cannot list the interfaces: no memory");
}

#if !defined(__linux__)

int interface_list_read(struct interface_list *list, struct error *error)
{
    return interface_list_from_pcap(list, error);
}

#endif
