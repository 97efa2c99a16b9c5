/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/peers/key_agreement.h"

#include <stdlib.h>

#include "outcome.h"

void mka_release(struct mka *mka)
{
    free(mka->channels);
    *mka = (struct mka){0};
}

struct mka_channel *mka_find(const struct mka *mka, uint64_t sci, uint64_t vlans)
{
    for (uint32_t i = 0; i < mka->count; i++)
        if (mka->channels[i].said.sci == sci && mka->channels[i].said.vlans == vlans)
            return &mka->channels[i];
    return NULL;
}

/* The place of a new channel. */
static struct mka_channel *make_room(struct mka *mka)
{
    struct mka_channel *oldest = mka->channels;

    if (mka->count < MKA_CHANNELS_MAX)
        return &mka->channels[mka->count++];
    for (uint32_t i = 1; i < mka->count; i++)
        if (mka->channels[i].last_ns < oldest->last_ns)
            oldest = &mka->channels[i];
    mka_settle(mka, oldest);
    return oldest;
}

/* Whether SAID, from the port of CHANNEL, is of another key agreement than the one whose key is in
 * use: with a fallback CAK, a port takes part in two. */
static int is_of_another(const struct mka_channel *channel, const struct mka_record *said)
{
    return channel->said.says & MKA_HAS_USE && !(said->says & MKA_HAS_USE) &&
           channel->said.member != said->member &&
           said->timestamp_ns < channel->last_ns + MKA_LIFE_NS;
}

/* Only some PDUs distribute a key, so its cipher suite is kept. */
static void note(struct mka_channel *channel, const struct mka_record *said)
{
    uint8_t suite = said->suite ? said->suite : channel->said.suite;

    channel->said = *said;
    channel->said.suite = suite;
    channel->last_ns = said->timestamp_ns;
}

/* The cipher suite from the server of the key of SAID; 0: not known. */
static uint8_t suite_of_server(const struct mka *mka, const struct mka_record *said)
{
    for (uint32_t i = 0; said->says & MKA_HAS_USE && i < mka->count; i++)
        if (mka->channels[i].said.member == said->key_server)
            return mka->channels[i].said.suite;
    return 0;
}

struct mka_channel *mka_receive(struct mka *mka, const struct mka_record *said)
{
    struct mka_channel *channel;

    if (!mka->channels)
        mka->channels = calloc(MKA_CHANNELS_MAX, sizeof(*mka->channels));
    if (!mka->channels)
        return NULL;
    channel = mka_find(mka, said->sci, said->vlans);
    if (!channel) {
        channel = make_room(mka);
        *channel = (struct mka_channel){0};
    }
    if (is_of_another(channel, said))
        return channel;
    note(channel, said);
    if (!channel->said.suite)
        channel->said.suite = suite_of_server(mka, &channel->said);
    return channel;
}

struct flow_key mka_flow_key(const struct mka_channel *channel)
{
    return (struct flow_key){
        .protocol = OUTCOME_MACSEC, .sci = channel->said.sci, .vlans = channel->said.vlans};
}

int mka_is_member(const struct mka_channel *channel, const struct mka_record *said)
{
    return channel->said.sci == said->sci
               ? channel->said.vlans == said->vlans && channel->said.member == said->member
               : channel->said.says & MKA_HAS_USE && channel->said.key_server == said->member;
}

int mka_is_new_key(const struct mka_channel *channel, const struct mka_record *said)
{
    int is_in_use = channel->said.says & MKA_HAS_USE && channel->said.key_server == said->member &&
                    channel->said.key_number == said->distributed_key;

    return said->says & MKA_HAS_DISTRIBUTED && !is_in_use &&
           channel->pending_key != said->distributed_key;
}

int mka_has_told(const struct mka *mka, const struct flow_key *key, uint8_t association)
{
    const struct mka_channel *channel = mka_find(mka, key->sci, key->vlans);

    return channel && channel->has_failed && channel->pending_an == association;
}

void mka_settle(struct mka *mka, struct mka_channel *channel)
{
    mka->pending -= channel->pending_ns != 0;
    channel->pending_ns = 0;
}

static const char *suite_name(uint8_t suite)
{
    static const char *const names[] = {"\"GCM-AES-128\"", "\"GCM-AES-256\"", "\"GCM-AES-XPN-128\"",
                                        "\"GCM-AES-XPN-256\""};

    if (!suite)
        return "null";
    return suite <= sizeof(names) / sizeof(names[0]) ? names[suite - 1] : "\"other\"";
}

static const char *boolean(int value)
{
    return value ? "true" : "false";
}

struct mka_record mka_of_flow(const struct mka *mka, const struct flow_key *key)
{
    const struct mka_channel *channel = NULL;

    if (mka && mka->count && key->protocol == OUTCOME_MACSEC)
        channel = mka_find(mka, key->sci, key->vlans);
    if (!channel && mka && mka->count && key->protocol == OUTCOME_MACSEC)
        channel = mka_find(mka, key->sci, 0);
    return channel ? channel->said : (struct mka_record){0};
}

void mka_describe(const struct mka_record *said, struct text *text)
{
    text_add(text, "{\"key_server\":%s,\"priority\":%u", boolean(said->says & MKA_IS_SERVER),
             said->priority);
    if (said->says & MKA_HAS_USE) {
        text_add(text, ",\"latest_an\":%u,\"latest_tx\":%s,\"latest_rx\":%s", said->ans >> 6,
                 boolean(said->ans & 0x20), boolean(said->ans & 0x10));
        text_add(text, ",\"old_an\":%u,\"old_tx\":%s,\"old_rx\":%s", said->ans >> 2 & 3,
                 boolean(said->ans & 0x02), boolean(said->ans & 0x01));
        text_add(text, ",\"key_number\":%u,\"lowest_acceptable_pn\":%s%llu%s", said->key_number,
                 said->lowest_pn >> 53 ? "\"" : "", (unsigned long long)said->lowest_pn,
                 said->lowest_pn >> 53 ? "\"" : "");
        text_add(text, ",\"delay_protect\":%s", boolean(said->says & MKA_DELAY_PROTECT));
    }
    text_add(text, ",\"cipher_suite\":%s,\"xpn\":%s,\"authenticated\":false}",
             suite_name(said->suite),
             said->suite || mka_is_xpn(said) ? boolean(mka_is_xpn(said)) : "null");
}

void mka_shift_time(struct mka *mka, int64_t step_ns)
{
    for (uint32_t i = 0; i < mka->count; i++) {
        struct mka_channel *channel = &mka->channels[i];

        channel->last_ns = shift_time(channel->last_ns, step_ns);
        channel->frame_ns = shift_time(channel->frame_ns, step_ns);
        if (channel->pending_ns)
            channel->pending_ns = shift_time(channel->pending_ns, step_ns);
    }
}
