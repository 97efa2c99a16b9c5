/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/id.h"

#include <string.h>

#include "classify/classify.h"

static void add_sci(struct text *id, const struct flow_key *key)
{
    text_add_chars(id, "0x", 2);
    text_add_hex(id, key->sci, 16);
}

static void add_vlans(struct text *id, const struct flow_key *key)
{
    const char *before = ", vlan: ";

    for (int shift = (VLAN_TAGS_MAX - 1) * VLAN_ID_BITS; shift >= 0; shift -= VLAN_ID_BITS) {
        if (!(key->vlans >> shift))
            continue;
        text_add_chars(id, before, strlen(before));
        text_add_number(id, (unsigned)(key->vlans >> shift) & VLAN_ID_MASK);
        before = ".";
    }
}

static void add_identifier(struct text *id, const struct flow_key *key)
{
    text_add_chars(id, "0x", 2);
    text_add_hex(id, key->identifier, 8);
}

static void add_peer(struct text *id, const struct flow_key *key)
{
    text_add_number(id, OPENVPN_PEER_OF(key->identifier));
}

static void add_key(struct text *id, const struct flow_key *key)
{
    text_add_number(id, OPENVPN_KEY_OF(key->identifier));
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

#define FIELD(word, add)                                                                           \
    {                                                                                              \
        word, sizeof(word) - 1, add                                                                \
    }

static const struct field {
    const char *word;
    size_t length; /* of the word */
    void (*add)(struct text *id, const struct flow_key *key);
} fields[] = {
    FIELD("$sci", add_sci),
    FIELD("$vlans", add_vlans),
    FIELD("$identifier", add_identifier),
    FIELD("$peer", add_peer),
    FIELD("$key", add_key),
    FIELD("$src", add_source),
    FIELD("$dst", add_destination),
    FIELD("$from", add_from),
    FIELD("$to", add_to),
};

/* Adds the field whose word FORM starts with. Returns the length of that word, or 1. */
static size_t add_field(struct text *id, const char *form, const struct flow_key *key)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct field *field = &fields[i];

        if (form[1] == field->word[1] && strncmp(form, field->word, field->length) == 0) {
            field->add(id, key);
            return field->length;
        }
    }
    text_add_chars(id, "$", 1);
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
        const char *field = strchr(form, '$');
        size_t plain = field ? (size_t)(field - form) : strlen(form);

        text_add_chars(&text, form, plain);
        form += plain;
        if (field)
            form += add_field(&text, form, key);
    }
}
