/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The network interfaces of this network namespace, as the system describes them. */
#ifndef GAPWATCH_INTERFACE_INTERFACE_H
#define GAPWATCH_INTERFACE_INTERFACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "linux/tcx.h"

#define INTERFACE_NAME_CHARS 64
#define INTERFACE_WORD_CHARS 32

/* The kind of an interface, as in `ip link ... type KIND`. Physical and loopback interfaces have
 * none there; these names are ours. */
#define KIND_PHYSICAL "physical"
#define KIND_LOOPBACK "loopback"
#define KIND_MACSEC   "macsec"

enum interface_state {
    INTERFACE_DOWN,
    INTERFACE_NO_CARRIER, /* up, but without a link partner */
    INTERFACE_UP,
};

enum interface_link {
    INTERFACE_ETHERNET,
    INTERFACE_RAW_IP, /* frames start with the IP header */
    INTERFACE_OTHER_LINK,
};

/* Whether the driver runs XDP programs itself. */
enum native_xdp {
    NATIVE_XDP_UNKNOWN, /* the kernel does not tell (before Linux 6.3) */
    NATIVE_XDP_NO,
    NATIVE_XDP_ONE_BUFFER, /* only while a frame fits into one page */
    NATIVE_XDP_YES,
};

/* One interface. */
struct interface_facts {
    unsigned index;
    char name[INTERFACE_NAME_CHARS];
    enum interface_state state;
    char kind[INTERFACE_WORD_CHARS];   /* empty: unknown */
    char driver[INTERFACE_WORD_CHARS]; /* empty: unknown */
    enum interface_link link;
    unsigned mtu;
    enum native_xdp native_xdp;
    uint32_t xdp_program; /* id of the attached XDP program, 0: none */
    enum tcx_support tcx;

    /* MACsec offload: frames pass a capture on this device without their tag, or not at all. */
    unsigned lower;      /* index of the device below */
    int is_offloaded;    /* this is a macsec device that the device below handles */
    int nic_does_macsec; /* this NIC can do MACsec, and the feature is on */
    char offloaded_macsec[INTERFACE_NAME_CHARS]; /* the macsec device that this NIC handles, or
                                                    empty */
};

struct interface_list {
    struct interface_facts *interfaces;
    size_t count;
    size_t room; /* allocated elements */
};

/* Whether INTERFACE is of KIND. */
int interface_is(const struct interface_facts *interface, const char *kind);

#define INTERFACE_WARNINGS_MAX  3
#define INTERFACE_WARNING_CHARS 192

/* Writes warnings about frames that a capture on INTERFACE cannot show. Returns how many. */
size_t interface_warnings(const struct interface_facts *interface,
                          char warnings[INTERFACE_WARNINGS_MAX][INTERFACE_WARNING_CHARS]);

/* Reads all interfaces, in the kernel's order. Returns 0, or -1 with ERROR set and LIST empty. LIST
 * is freed with interface_list_release(). */
int interface_list_read(struct interface_list *list, struct error *error);

/* Fills LIST as interface_list_read() does, but on any system, with what libpcap knows: names,
 * states and loopback. Returns 0, or -1 with ERROR set. */
int interface_list_from_pcap(struct interface_list *list, struct error *error);

/* Frees the interfaces of LIST, which is empty then. */
void interface_list_release(struct interface_list *list);

/* For each offloaded macsec device in LIST, notes its name at the device below it. */
void interface_list_note_offload(struct interface_list *list);

/* Adds a copy of INTERFACE. Returns 0, or -1: no memory. */
int interface_list_add(struct interface_list *list, const struct interface_facts *interface);

/* The interface called NAME, or NULL. It belongs to LIST. */
const struct interface_facts *interface_list_find(const struct interface_list *list,
                                                  const char *name);

#endif
