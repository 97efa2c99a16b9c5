/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Answers with the tracked protocols, from the protocol table. */
#include "protocols.h"
#include "api/routes/api.h"
#include "flow/outcome_name.h"

static const struct protocol {
    const char *name;
    const char *label;
    enum outcome outcome;
    int is_numbered;
} protocols[] = {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, ...)                    \
    {#name, label, OUTCOME_##id, (bits) != 0},
    PROTOCOL_TABLE(ROW)
#undef ROW
};

#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

void answer_protocols(struct call *call)
{
    struct json_writer *json = &call->answer->json;

    if (answer_open_json(call->answer) < 0)
        return;
    json_open(json, NULL, '{');
    json_open(json, "protocols", '[');
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) {
        json_new_line(json);
        json_open(json, NULL, '{');
        json_string(json, "name", protocols[i].name);
        json_string(json, "label", protocols[i].label);
        json_boolean(json, "numbered", protocols[i].is_numbered);
        json_string(json, "association", association_name(protocols[i].outcome));
        json_close(json, '}');
    }
    json_close(json, ']');
    json_integer(json, "count", PROTOCOL_COUNT);
    json_integer(json, "total", PROTOCOL_COUNT);
    json_boolean(json, "total_is_exact", 1);
    json_null(json, "next");
    json_close(json, '}');
    json_end(json);
    answer_close(call->answer);
}
