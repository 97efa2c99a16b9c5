/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/privileges.h"

#include <stddef.h>

#if defined(__linux__)

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

struct privilege_row {
    enum privilege privilege;
    unsigned capability;
    const char *name;
    int was_sys_admin; /* Linux before 5.8 asks for CAP_SYS_ADMIN, which still includes this one */
};

static const struct privilege_row rows[] = {
    {PRIVILEGE_BPF, CAP_BPF, "CAP_BPF", 1},
    {PRIVILEGE_PERFMON, CAP_PERFMON, "CAP_PERFMON", 1},
    {PRIVILEGE_NET_ADMIN, CAP_NET_ADMIN, "CAP_NET_ADMIN", 0},
    {PRIVILEGE_NET_RAW, CAP_NET_RAW, "CAP_NET_RAW", 0},
    {PRIVILEGE_FILES, CAP_DAC_OVERRIDE, "CAP_DAC_OVERRIDE", 0},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* A directory with one entry has this many links: one each for itself, its parent and the entry.
 * The directory of a process has an entry for each thread. */
#define LINKS_OF_ONE_TASK 3

/* Whether this is the initial user namespace, which the kernel's own privileges belong to. */
static int in_initial_namespace(void)
{
    FILE *map = fopen("/proc/self/uid_map", "re");
    unsigned long inside = 0, outside = 0, count = 0;
    int fields;

    if (!map)
        return 1;
    fields = fscanf(map, "%lu %lu %lu", &inside, &outside, &count);
    fclose(map);
    return fields != 3 || (inside == 0 && outside == 0 && count == 0xFFFFFFFF);
}

/* The capability in set TYPE, as capng last read it, that gives the privilege of ROW; -1: none. */
static int capability_for(const struct privilege_row *row, capng_type_t type)
{
    if (capng_have_capability(type, row->capability))
        return (int)row->capability;
    return row->was_sys_admin && capng_have_capability(type, CAP_SYS_ADMIN) ? CAP_SYS_ADMIN : -1;
}

unsigned privileges_held(void)
{
    unsigned held = 0;

    if (capng_get_caps_process() < 0)
        return 0;
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (capability_for(&rows[i], CAPNG_EFFECTIVE) >= 0)
            held |= rows[i].privilege;
    return in_initial_namespace() ? held : held & ~(PRIVILEGE_BPF | PRIVILEGE_PERFMON);
}

/* What ROW's capability is called on this kernel. */
static const char *name_here(const struct privilege_row *row)
{
    int kernel_knows = prctl(PR_CAPBSET_READ, row->capability, 0, 0, 0) >= 0;

    return kernel_knows || !row->was_sys_admin ? row->name : "CAP_SYS_ADMIN";
}

const char *privileges_missing(unsigned needed, unsigned held)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].privilege & needed & ~held)
            return name_here(&rows[i]);
    return NULL;
}

/* USER's entry in the user database, valid until the next call; or NULL. */
static const struct passwd *find_account(const char *user)
{
    unsigned long number;
    char *end;

    if (*user < '0' || *user > '9')
        return getpwnam(user);
    errno = 0;
    number = strtoul(user, &end, 10);
    return errno || *end || number >= UINT32_MAX ? NULL : getpwuid((uid_t)number);
}

static int is_only_thread(void)
{
    struct stat tasks;

    return stat("/proc/self/task", &tasks) < 0 || tasks.st_nlink <= LINKS_OF_ONE_TASK;
}

/* Selects the capabilities to keep: those of KEEP that are permitted. */
static void select_capabilities(unsigned keep)
{
    int kept[ROW_COUNT];

    for (size_t i = 0; i < ROW_COUNT; i++)
        kept[i] = keep & rows[i].privilege ? capability_for(&rows[i], CAPNG_PERMITTED) : -1;
    capng_clear(CAPNG_SELECT_BOTH);
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (kept[i] >= 0)
            capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, (unsigned)kept[i]);
}

/* Switches to the user of ACCOUNT. Permitted capabilities stay permitted, none is
 * effective then. */
static int become(const struct passwd *account)
{
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ||
        initgroups(account->pw_name, account->pw_gid) < 0 ||
        setresgid(account->pw_gid, account->pw_gid, account->pw_gid) < 0 ||
        setresuid(account->pw_uid, account->pw_uid, account->pw_uid) < 0)
        return -1;
    return prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
}

int privileges_drop(unsigned keep, const char *user, struct error *error)
{
    const struct passwd *account = user ? find_account(user) : NULL;
    int may_bound;

    if (user && !account)
        return error_set(error, "there is no user '%s'", user);
    if (!is_only_thread())
        return error_set(error, "cannot drop privileges: there are threads already");
    if (capng_get_caps_process() < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return error_set(error, "cannot drop privileges: %s", strerror(errno));
    /* Without CAP_SETPCAP the bounding set stays. It has no effect after no_new_privs. */
    may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP);
    select_capabilities(keep);
    if (may_bound && capng_apply(CAPNG_SELECT_BOUNDS) < 0)
        return error_set(error, "cannot drop the capability bounding set: %s", strerror(errno));
    if (account && become(account) < 0)
        return error_set(error, "cannot become user '%s': %s", user, strerror(errno));
    if (capng_apply(CAPNG_SELECT_CAPS) < 0)
        return error_set(error, "cannot drop capabilities: %s", strerror(errno));
    return 0;
}

int privileges_give(int fd, const char *user)
{
    const struct passwd *account = find_account(user);

    return account ? fchown(fd, account->pw_uid, account->pw_gid) : -1;
}

#else

unsigned privileges_held(void)
{
    return PRIVILEGES_ALL;
}

const char *privileges_missing(unsigned needed, unsigned held)
{
    (void)needed, (void)held;
    return NULL;
}

int privileges_drop(unsigned keep, const char *user, struct error *error)
{
    (void)keep;
    return user ? error_set(error, "--user works on Linux only") : 0;
}

int privileges_give(int fd, const char *user)
{
    (void)fd, (void)user;
    return -1;
}

#endif
