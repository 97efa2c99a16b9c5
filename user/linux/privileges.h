/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The program's capabilities (capabilities(7)), and how it drops them. Systems other than Linux
 * have no capabilities: every privilege counts as held there, until a system call fails. */
#ifndef GAPWATCH_LINUX_PRIVILEGES_H
#define GAPWATCH_LINUX_PRIVILEGES_H

#include "base/error.h"

/* A set of these is an unsigned int. */
enum privilege {
    PRIVILEGE_BPF = 1 << 0,       /* CAP_BPF: load BPF programs and maps */
    PRIVILEGE_PERFMON = 1 << 1,   /* CAP_PERFMON: load programs that compute with packet pointers */
    PRIVILEGE_NET_ADMIN = 1 << 2, /* CAP_NET_ADMIN: load programs for the network and attach them */
    PRIVILEGE_NET_RAW = 1 << 3,   /* CAP_NET_RAW: open packet sockets */
    PRIVILEGE_FILES = 1 << 4,     /* CAP_DAC_OVERRIDE: write to directories of other users */
    PRIVILEGES_ALL = (1 << 5) - 1,
};

/* The privileges of the calling thread. CAP_SYS_ADMIN includes the first two. These are useless
 * outside of the initial user namespace. */
unsigned privileges_held(void);

/* The name of the first capability in NEEDED that is not in HELD, or NULL when all are held. */
const char *privileges_missing(unsigned needed, unsigned held);

/*
 * Gives up all capabilities, in all sets and for good, except those of KEEP that are held, and sets
 * no_new_privs. With USER (a name or number in the user database; NULL: no change) switches to that
 * user, its group and groups, which needs CAP_SETUID and CAP_SETGID.
 *
 * The kernel does this for the calling thread only. Call it before there are other threads; it
 * fails when there are. Returns 0, or -1 with ERROR set: a part may have been given up, so end the
 * program.
 */
int privileges_drop(unsigned keep, const char *user, struct error *error);

/* Gives the file or directory open at FD to USER (a name or number), who can then remove what is in
 * it. Returns 0, or -1: the owner is unchanged. */
int privileges_give(int fd, const char *user);

#endif
