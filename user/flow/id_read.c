/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "flow/id_read.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "classify/classify.h"

#define IPV4_FAMILY 4
#define IPV6_FAMILY 6

/* Each reads a field of an id at AT into KEY. Returns the character behind it, or NULL. */
typedef const char *(*field_reader)(const char *at, struct flow_key *key);

/* Reads a hexadecimal number with 0x. */
static const char *read_hex(const char *at, unsigned long long *value)
{
    char *end;

    if (strncmp(at, "0x", 2) != 0)
        return NULL;
    *value = strtoull(at, &end, 16);
    return end > at + 2 ? end : NULL;
}

static const char *read_sci(const char *at, struct flow_key *key)
{
    unsigned long long value;
    const char *end = read_hex(at, &value);

    if (end)
        key->sci = value;
    return end;
}

static const char *read_identifier(const char *at, struct flow_key *key)
{
    unsigned long long value;
    const char *end = read_hex(at, &value);

    if (!end || value > UINT32_MAX)
        return NULL;
    key->identifier = (uint32_t)value;
    return end;
}

/* Reads a decimal number of at most MOST. */
static const char *read_decimal(const char *at, unsigned long most, unsigned long *value)
{
    char *end;

    *value = strtoul(at, &end, 10);
    return end > at && *value <= most ? end : NULL;
}

static const char *read_peer(const char *at, struct flow_key *key)
{
    unsigned long peer;

    at = read_decimal(at, OPENVPN_PEER_MASK, &peer);
    key->identifier = (uint32_t)peer << 8;
    return at;
}

static const char *read_key(const char *at, struct flow_key *key)
{
    unsigned long number;

    at = read_decimal(at, UINT8_MAX, &number);
    key->identifier |= (uint32_t)number;
    return at;
}

/* Reads ", vlan: 10.20", which may be absent. */
static const char *read_vlans(const char *at, struct flow_key *key)
{
    static const char word[] = ", vlan: ";
    char *end;

    if (strncmp(at, word, strlen(word)) != 0)
        return at;
    at += strlen(word);
    for (;;) {
        unsigned long id = strtoul(at, &end, 10);

        if (end == at || !id || id > VLAN_ID_MASK)
            return NULL;
        key->vlans = key->vlans << VLAN_ID_BITS | id;
        if (*end != '.')
            return end;
        at = end + 1;
    }
}

/* Reads the LENGTH characters at AT as an address of ADDRESS's 16 octets. */
static const char *read_address(const char *at, size_t length, struct flow_key *key,
                                unsigned char *address)
{
    char text[INET6_ADDRSTRLEN];

    if (!length || length >= sizeof(text))
        return NULL;
    memcpy(text, at, length);
    text[length] = '\0';
    if (inet_pton(AF_INET, text, address) == 1)
        key->family = IPV4_FAMILY;
    else if (inet_pton(AF_INET6, text, address) == 1)
        key->family = IPV6_FAMILY;
    else
        return NULL;
    return at + length;
}

static const char *read_source(const char *at, struct flow_key *key)
{
    return read_address(at, strcspn(at, ", "), key, key->source);
}

static const char *read_destination(const char *at, struct flow_key *key)
{
    return read_address(at, strcspn(at, ", "), key, key->destination);
}

/* Reads ADDRESS:PORT, with an IPv6 address in brackets. */
static const char *read_endpoint(const char *at, struct flow_key *key, unsigned char *address,
                                 uint16_t *port)
{
    const char *colon;
    unsigned long value;
    char *end;

    if (*at == '[') {
        at = read_address(at + 1, strcspn(at + 1, "]"), key, address);
        if (!at || *at != ']')
            return NULL;
        colon = at + 1;
    } else {
        colon = read_address(at, strcspn(at, ":"), key, address);
    }
    if (!colon || *colon != ':')
        return NULL;
    value = strtoul(colon + 1, &end, 10);
    if (end == colon + 1 || value > UINT16_MAX)
        return NULL;
    *port = (uint16_t)value;
    return end;
}

static const char *read_from(const char *at, struct flow_key *key)
{
    uint16_t port = 0;

    at = read_endpoint(at, key, key->source, &port);
    key->source_port = port;
    return at;
}

static const char *read_to(const char *at, struct flow_key *key)
{
    uint16_t port = 0;

    at = read_endpoint(at, key, key->destination, &port);
    key->destination_port = port;
    return at;
}

/* The words of templates, as in flow/id.h. */
static const struct {
    const char *word;
    field_reader read;
} fields[] = {
    {"$sci", read_sci},         {"$vlans", read_vlans}, {"$identifier", read_identifier},
    {"$peer", read_peer},       {"$key", read_key},     {"$src", read_source},
    {"$dst", read_destination}, {"$from", read_from},   {"$to", read_to},
};

/* Reads the field whose word *FORM starts with, and moves *FORM behind the word. */
static const char *read_field(const char **form, const char *at, struct flow_key *key)
{
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        size_t length = strlen(fields[i].word);

        if (strncmp(*form, fields[i].word, length) != 0)
            continue;
        *form += length;
        return fields[i].read(at, key);
    }
    return NULL;
}

/* Whether AT has the form of FORM. */
static int matches(const char *form, const char *at, struct flow_key *key)
{
    while (at && *form) {
        size_t plain = strcspn(form, "$");

        if (strncmp(form, at, plain) != 0)
            return 0;
        form += plain;
        at += plain;
        if (*form)
            at = read_field(&form, at, key);
    }
    return at && !*at;
}

int flow_id_read(const char *text, struct flow_key *key)
{
    static const struct {
        const char *form;
        uint8_t protocol;
    } forms[] = {
#define ROW(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, ports,      \
            flow_id)                                                                               \
    {flow_id, OUTCOME_##id},
        PROTOCOL_TABLE(ROW)
#undef ROW
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        memset(key, 0, sizeof(*key));
        key->protocol = forms[i].protocol;
        if (matches(forms[i].form, text, key))
            return 0;
    }
    return -1;
}
