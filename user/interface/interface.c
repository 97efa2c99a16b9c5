/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "interface/interface.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int interface_is(const struct interface_facts *interface, const char *kind)
{
    return strcmp(interface->kind, kind) == 0;
}

size_t interface_warnings(const struct interface_facts *interface,
                          char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS])
{
    size_t count = 0;

    if (interface->offloaded_macsec[0])
        snprintf(warnings[count++], INTERFACE_WARNING_CHARS,
                 "MACsec of %s is offloaded to this NIC: a capture here does not see its frames as "
                 "MACsec",
                 interface->offloaded_macsec);
    if (interface->nic_does_macsec)
        snprintf(warnings[count++], INTERFACE_WARNING_CHARS,
                 "MACsec hardware offload (macsec-hw-offload) is on: a capture here may not see "
                 "frames as MACsec");
    if (interface_is(interface, KIND_MACSEC))
        snprintf(warnings[count++], INTERFACE_WARNING_CHARS,
                 "frames have no MACsec tag here: capture on the device below it");
    return count;
}

int interface_list_add(struct interface_list *list, const struct interface_facts *interface)
{
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void *larger = realloc(list->interfaces, room * sizeof(*interface));

        if (!larger)
            return -1;
        list->interfaces = larger;
        list->room = room;
    }
    list->interfaces[list->count++] = *interface;
    return 0;
}

void interface_list_note_offload(struct interface_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        for (size_t below = 0; below < list->count; below++)
            if (list->interfaces[i].is_offloaded &&
                list->interfaces[i].lower == list->interfaces[below].index)
                memcpy(list->interfaces[below].offloaded_macsec, list->interfaces[i].name,
                       sizeof(list->interfaces[i].name));
}

void interface_list_release(struct interface_list *list)
{
    free(list->interfaces);
    *list = (struct interface_list){0};
}

const struct interface_facts *interface_list_find(const struct interface_list *list,
                                                  const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->interfaces[i].name, name) == 0)
            return &list->interfaces[i];
    return NULL;
}
