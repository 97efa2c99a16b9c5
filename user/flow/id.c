/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/id.h"

#include <string.h>

#include "classify/classify.h"

static void add_sci(struct text *id, const struct flow_key *key)
{
    text_add(id, "0x%016llx", key->sci);
}

static void add_vlans(struct text *id, const struct flow_key *key)
{
    const char *before = ", vlan: ";

    for (int shift = (VLAN_TAGS_MAX - 1) * VLAN_ID_BITS; shift >= 0; shift -= VLAN_ID_BITS) {
        if (!(key->vlans >> shift))
            continue;
        text_add(id, "%s%u", before, (unsigned)(key->vlans >> shift) & VLAN_ID_MASK);
        before = ".";
    }
}

static void add_identifier(struct text *id, const struct flow_key *key)
{
    text_add(id, "0x%08x", key->identifier);
}

static void add_peer(struct text *id, const struct flow_key *key)
{
    text_add(id, "%u", OPENVPN_PEER_OF(key->identifier));
}

static void add_key(struct text *id, const struct flow_key *key)
{
    text_add(id, "%u", OPENVPN_KEY_OF(key->identifier));
}

static void add_source(struct text *id, const struct flow_key *key)
{
    text_add_address(id, key->family, key->source);
}

static void add_destination(struct text *id, const struct flow_key *key)
{
    text_add_address(id, key->family, key->destination);
}

static void add_from(struct text *id, const struct flow_key *key)
{
    text_add_endpoint(id, key->family, key->source, key->source_port);
}

static void add_to(struct text *id, const struct flow_key *key)
{
    text_add_endpoint(id, key->family, key->destination, key->destination_port);
}

static const struct field {
    const char *word;
    void (*add)(struct text *id, const struct flow_key *key);
} fields[] = {
    {"$sci", add_sci},         {"$vlans", add_vlans}, {"$identifier", add_identifier},
    {"$peer", add_peer},       {"$key", add_key},     {"$src", add_source},
    {"$dst", add_destination}, {"$from", add_from},   {"$to", add_to},
};

/* Adds the field whose word FORM starts with. Returns the length of that word, or 0. */
static size_t add_field(struct text *id, const char *form, const struct flow_key *key)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t length = strlen(fields[i].word);

        if (strncmp(form, fields[i].word, length) == 0) {
            fields[i].add(id, key);
            return length;
        }
    }
    text_add(id, "$");
    return 1;
}

void flow_id_format(const struct flow_key *key, char *id)
{
    static const char *const forms[OUTCOME_COUNT] = {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, ports,      \
            flow_id)                                                                               \
    [OUTCOME_##id] = flow_id,
        PROTOCOL_TABLE(ROW)
#undef ROW
    };
    struct text text = text_over(id, FLOW_ID_CHARS);
    const char *form = forms[key->protocol];

    while (form && *form) {
        size_t plain = strcspn(form, "$");

        text_add_chars(&text, form, plain);
        form += plain;
        if (*form)
            form += add_field(&text, form, key);
    }
}
