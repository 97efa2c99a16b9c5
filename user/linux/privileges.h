/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * What the program may do (capabilities(7)), and how it gives that up. Other systems than Linux
 * know no capabilities: there every privilege counts as held, until the system call fails.
 */
#ifndef GAPWATCH_LINUX_PRIVILEGES_H
#define GAPWATCH_LINUX_PRIVILEGES_H

#include "base/error.h"

/* A set of these is an unsigned int. */
enum privilege {
    PRIVILEGE_BPF = 1 << 0,       /* CAP_BPF: load BPF programs and maps */
    PRIVILEGE_PERFMON = 1 << 1,   /* CAP_PERFMON: have them compute with packet pointers */
    PRIVILEGE_NET_ADMIN = 1 << 2, /* CAP_NET_ADMIN: load those for the network and attach them */
    PRIVILEGE_NET_RAW = 1 << 3,   /* CAP_NET_RAW: open packet sockets */
    PRIVILEGE_FILES = 1 << 4,     /* CAP_DAC_OVERRIDE: write where only other users may */
    PRIVILEGES_ALL = (1 << 5) - 1,
};

/* Those that the calling thread has. Before Linux 5.8 CAP_SYS_ADMIN is what the first two ask for,
 * and it stands for them since; neither is of use outside of the initial user namespace. */
unsigned privileges_held(void);

/* The name of the first capability in NEEDED that is not in HELD, or NULL: all are. */
const char *privileges_missing(unsigned needed, unsigned held);

/*
 * Gives up for good every capability but those of KEEP that are held, in all sets, and sets
 * no_new_privs. With USER (a name or number in the user database; NULL: stay who we are) becomes
 * that user, its group and groups, which takes CAP_SETUID and CAP_SETGID.
 *
 * The kernel does this to the calling thread alone: call it before there are others, which then
 * start without privileges; it fails when there are. Returns 0, or -1 with ERROR set: part may have
 * been given up by then, so end the program.
 */
int privileges_drop(unsigned keep, const char *user, struct error *error);

/* Gives the file or folder open at FD to USER (as above), who can then still remove what is in it.
 * Returns 0, or -1: it stays whose it is. */
int privileges_give(int fd, const char *user);

#endif
