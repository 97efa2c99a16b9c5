/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/port.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

int port_find(struct port *port, const char *name, enum link_type *link, struct error *error)
{
    *port = (struct port){.links = {-1, -1}};
    if (interface_find(name, &port->watch, error) < 0 ||
        interface_link_type(&port->watch, link, error) < 0)
        return -1;
    port->is_loopback = interface_is_loopback(&port->watch);
    return 0;
}

/* Describes where the program is attached. Without its id it cannot be recognised, so it is not
 * watched. */
static struct place place_of(const struct port *port)
{
    struct place place = {.index = port->watch.index};
    struct bpf_prog_info info = {0};
    uint32_t size = sizeof(info);

    if (bpf_obj_get_info_by_fd(bpf_program__fd(port->program), &info, &size) == 0) {
        place.program = info.id;
        place.hooks = port->hooks;
    }
    return place;
}

void port_watch_program(struct port *port)
{
    struct place place = place_of(port);

    attachment_begin(&port->attachment, &place);
}

void port_program_has_moved(struct port *port)
{
    struct place place = place_of(port);

    attachment_move(&port->attachment, &place);
}

enum interface_event port_program_event(struct port *port)
{
    enum attachment_state before = port->attachment.state;

    if (!attachment_has_changed(&port->attachment))
        return INTERFACE_SAME;
    if (port->attachment.state == ATTACHMENT_GONE)
        return INTERFACE_DETACHED;
    if (port->attachment.state == ATTACHMENT_BEHIND)
        return INTERFACE_FRONT_TAKEN;
    return before == ATTACHMENT_BEHIND ? INTERFACE_FRONT_FREE : INTERFACE_SAME;
}

void port_release(struct port *port)
{
    attachment_release(&port->attachment);
    interface_release(&port->watch);
}
