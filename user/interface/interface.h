/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the system tells of a network interface, of the network namespace that we are in. */
#ifndef GAPWATCH_INTERFACE_INTERFACE_H
#define GAPWATCH_INTERFACE_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "linux/tcx.h"

#define INTERFACE_NAME_CHARS 64
#define INTERFACE_WORD_CHARS 32

/* Kinds are those of `ip link ... type KIND`, and two that are ours, where no driver names one. */
#define KIND_PHYSICAL "physical"
#define KIND_LOOPBACK "loopback"
#define KIND_MACSEC   "macsec"

/* All interfaces at once, as libpcap calls it; no interface is called so. */
#define INTERFACE_ANY "any"

enum interface_state {
    INTERFACE_DOWN,
    INTERFACE_NO_CARRIER, /* it is up, but nothing is at the other end */
    INTERFACE_UP,
};

enum interface_link {
    INTERFACE_ETHERNET,
    INTERFACE_RAW_IP, /* frames begin with the IP header */
    INTERFACE_OTHER_LINK,
};

/* Whether the driver itself runs XDP programs. */
enum native_xdp {
    NATIVE_XDP_UNKNOWN, /* the kernel does not tell (before Linux 6.3) */
    NATIVE_XDP_NO,
    NATIVE_XDP_ONE_BUFFER, /* only while a frame fits into one page */
    NATIVE_XDP_YES,
};

/* How the kernel takes TC programs. */
struct interface_facts {
    unsigned index;
    char name[INTERFACE_NAME_CHARS];
    enum interface_state state;
    char kind[INTERFACE_WORD_CHARS];   /* empty: not known */
    char driver[INTERFACE_WORD_CHARS]; /* empty: not known */
    enum interface_link link;
    unsigned mtu;
    enum native_xdp native_xdp;
    uint32_t xdp_program; /* id of the XDP program that is attached, 0: none */
    enum tcx_support tcx;

    /* MACsec done by the NIC: its frames pass a capture without their tag, or not at all. */
    unsigned lower;      /* index of the device that this one stands on */
    int is_offloaded;    /* a macsec device whose work that one does */
    int nic_does_macsec; /* a NIC that can, and that is switched on */
    char
        offloaded_macsec[INTERFACE_NAME_CHARS]; /* the macsec device whose work it does, or empty */
};

struct interface_list {
    struct interface_facts *interfaces;
    size_t count;
    size_t room; /* for so many */
};

/* Whether INTERFACE is of KIND. */
int interface_is(const struct interface_facts *interface, const char *kind);

#define INTERFACE_WARNINGS_MAX  3
#define INTERFACE_WARNING_CHARS 192

/* What a capture on INTERFACE would not show, each a line for the user. Returns how many. */
size_t interface_warnings(const struct interface_facts *interface,
                          char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS]);

/* Every interface, in the kernel's order. Returns 0, or -1 with ERROR set and LIST empty. */
int interface_list_read(struct interface_list *list, struct error *error);

/* The same as far as libpcap knows it, on any system: names, state and loopback. */
int interface_list_from_pcap(struct interface_list *list, struct error *error);

/* Frees what these made. */
void interface_list_release(struct interface_list *list);

/* Notes at the device below each offloaded macsec device what it does. */
void interface_list_note_offload(struct interface_list *list);

/* Adds INTERFACE. Returns 0, or -1: no memory. */
int interface_list_add(struct interface_list *list, const struct interface_facts *interface);

/* The one called NAME, or NULL. Lives as long as LIST. */
const struct interface_facts *interface_list_find(const struct interface_list *list,
                                                  const char *name);

#endif
