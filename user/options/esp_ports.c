/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The option that names UDP ports which carry ESP. It may be repeated. */
#include <stdlib.h>
#include <string.h>

#include "options/type.h"

#define ANY      "any"
#define PORT_MAX 65535

/* Adds PORT, unless it is there. Returns 0, or -1: too many. */
static int add_port(struct esp_ports *chosen, uint16_t port)
{
    for (uint32_t i = 0; i < chosen->count; i++)
        if (chosen->ports[i] == port)
            return 0;
    if (chosen->count == ESP_PORTS_MAX)
        return -1;
    chosen->ports[chosen->count++] = port;
    return 0;
}

static int parse_esp_ports(struct options *options, const struct option_row *row, const char *text,
                           struct error *error)
{
    const char *from = text;

    for (;;) {
        size_t length = strcspn(from, ",");
        char *end;
        unsigned long port;

        if (length == strlen(ANY) && strncmp(from, ANY, length) == 0) {
            options->esp_ports.any = 1;
        } else {
            port = *from >= '0' && *from <= '9' ? strtoul(from, &end, 10) : 0;
            if (!port || port > PORT_MAX || end != from + length)
                return error_set(error, "--%s takes a port from 1 to %d, or any, not '%s'",
                                 row->name, PORT_MAX, text);
            if (add_port(&options->esp_ports, (uint16_t)port) < 0)
                return error_set(error, "--%s: at most %d ports", row->name, ESP_PORTS_MAX);
        }
        if (!from[length])
            return 0;
        from += length + 1;
    }
}

const struct option_type esp_ports_type = {VALUE_NUMBER | VALUE_TEXT | VALUE_LIST, parse_esp_ports};
