/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/interface_watch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#if defined(__linux__)
#include <net/if_arp.h>
#endif

#include "base/units.h"
#include "source/link_events.h"

#define LOOK_EVERY_NS NS_PER_SECOND

#define CARRIES_FRAMES (IFF_UP | IFF_RUNNING)

/* Sends REQUEST for the interface NAME to the kernel. Returns 0, or -1 with errno. /sys is no
 * alternative: it may show another network namespace. */
static int ask(const char *name, unsigned long request, struct ifreq *answer)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int status;

    if (fd < 0)
        return -1;
    *answer = (struct ifreq){0};
    snprintf(answer->ifr_name, sizeof(answer->ifr_name), "%s", name);
    status = ioctl(fd, request, answer);
    close(fd);
    return status < 0 ? -1 : 0;
}

/* Whether the lookup of an interface failed because it does not exist, not for lack of file
 * descriptors (glibc's errno does not tell). If descriptors are lacking, errno says so. */
static int is_gone(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return 0;
    close(fd);
    return 1;
}

/* Whether the interface NAME is up; WAS_UP where this cannot be found out. */
static int carries_frames(const char *name, int was_up)
{
    struct ifreq answer;

    if (ask(name, SIOCGIFFLAGS, &answer) < 0)
        return was_up && !is_gone();
    return (answer.ifr_flags & CARRIES_FRAMES) == CARRIES_FRAMES;
}

int interface_find(const char *name, struct interface_watch *watch, struct error *error)
{
    unsigned index = if_nametoindex(name);

    if (!index && !is_gone())
        return error_set(error, "%s: %s", name, strerror(errno));
    if (!index)
        return error_set(error, "%s: there is no such interface", name);
    *watch = (struct interface_watch){.index = index, .is_up = 1};
    snprintf(watch->name, sizeof(watch->name), "%s", name);
    return 0;
}

void interface_find_any(struct interface_watch *watch)
{
    *watch = (struct interface_watch){.name = INTERFACE_ANY, .is_up = 1, .is_any = 1};
}

void interface_listen(struct interface_watch *watch)
{
    watch->events = link_events_open();
}

void interface_release(struct interface_watch *watch)
{
    link_events_close(watch->events);
    watch->events = NULL;
}

/* Handles the loss of the watched interface: another one may have its name. */
static enum interface_event look_for_successor(struct interface_watch *watch)
{
    unsigned before = watch->index;
    unsigned now = if_nametoindex(watch->name);

    if (!now && !is_gone())
        return INTERFACE_SAME; /* unknown: no descriptor */
    watch->index = now;
    if (watch->index) {
        watch->is_up = 1; /* the next check reports if it is not */
        return INTERFACE_CAME_BACK;
    }
    watch->is_up = 0;
    return before ? INTERFACE_WENT_AWAY : INTERFACE_SAME;
}

enum interface_event interface_poll(struct interface_watch *watch, uint64_t now_ns)
{
    char name[IF_NAMESIZE];
    int was_up = watch->is_up;

    watch->has_dropped = link_events_was_down(watch->events, watch->index);
    if (watch->is_any)
        return INTERFACE_SAME;
    if (!(watch->has_dropped && was_up) && now_ns && now_ns < watch->next_look_ns &&
        watch->next_look_ns - now_ns <= LOOK_EVERY_NS)
        return INTERFACE_SAME; /* a next check further ahead means that the clock was set back */
    watch->next_look_ns = now_ns + LOOK_EVERY_NS;
    if (!watch->index)
        return look_for_successor(watch);
    if (!if_indextoname(watch->index, name))
        return is_gone() ? look_for_successor(watch) : INTERFACE_SAME;
    watch->is_up = !(watch->has_dropped && was_up) && carries_frames(name, was_up);
    if (watch->is_up == was_up)
        return INTERFACE_SAME;
    return watch->is_up ? INTERFACE_CAME_UP : INTERFACE_WENT_DOWN;
}

#if defined(__linux__)
int interface_link_type(const struct interface_watch *watch, enum link_type *link,
                        struct error *error)
{
    struct ifreq answer;

    if (ask(watch->name, SIOCGIFHWADDR, &answer) < 0)
        return error_set(error, "%s: %s", watch->name, strerror(errno));
    switch (answer.ifr_hwaddr.sa_family) {
    case ARPHRD_ETHER:
    case ARPHRD_LOOPBACK:
        *link = LINK_ETHERNET;
        return 0;
    case ARPHRD_NONE:
    case ARPHRD_RAWIP:
    case ARPHRD_TUNNEL:
    case ARPHRD_TUNNEL6:
    case ARPHRD_SIT:
        *link = LINK_RAW_IP;
        return 0;
    default:
        return error_set(error, "%s: interfaces of this kind (ARPHRD %d) are not supported",
                         watch->name, answer.ifr_hwaddr.sa_family);
    }
}

int interface_is_loopback(const struct interface_watch *watch)
{
    struct ifreq answer;

    return ask(watch->name, SIOCGIFFLAGS, &answer) == 0 && answer.ifr_flags & IFF_LOOPBACK;
}
#endif
