/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/port.h"

int port_find(struct port *port, const char *name, enum link_type *link, struct error *error)
{
    *port = (struct port){.links = {-1, -1}};
    if (interface_find(name, &port->watch, error) < 0 ||
        interface_link_type(&port->watch, link, error) < 0)
        return -1;
    port->is_loopback = interface_is_loopback(&port->watch);
    return 0;
}

void port_watch_front(struct port *port, uint32_t program)
{
    front_begin(&port->front, port->watch.index, program);
}

int port_front_has_changed(struct port *port, enum interface_event *event)
{
    if (!front_has_changed(&port->front))
        return 0;
    *event = port->front.is_taken ? INTERFACE_FRONT_TAKEN : INTERFACE_FRONT_FREE;
    return 1;
}

void port_release(struct port *port)
{
    front_release(&port->front);
    interface_release(&port->watch);
}
