/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/af_packet/packet_time.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* Gets or sets (by REQUEST) which frames the NIC dates. Returns 0, or -1 with errno set. */
static int nic_config(int fd, unsigned long request, const char *name,
                      struct hwtstamp_config *config)
{
    struct ifreq argument = {.ifr_data = (char *)config};

    snprintf(argument.ifr_name, sizeof(argument.ifr_name), "%s", name);
    return ioctl(fd, request, &argument);
}

/* Reads the NIC's setting into CONFIG. Returns whether it dates all incoming frames. */
static int nic_dates_all(int fd, const char *name, struct hwtstamp_config *config)
{
    return nic_config(fd, SIOCGHWTSTAMP, name, config) == 0 &&
           config->rx_filter == HWTSTAMP_FILTER_ALL;
}

/* Asks the NIC to date all incoming frames. A driver may do less than it is asked for and says so
 * in its answer. Returns 0, or -1 with ERROR set. */
static int make_nic_date_all(int fd, const char *name, struct error *error)
{
    struct hwtstamp_config config = {0};

    if (nic_dates_all(fd, name, &config))
        return 0;
    config.rx_filter = HWTSTAMP_FILTER_ALL; /* the setting for sent frames is unchanged */
    if (nic_config(fd, SIOCSHWTSTAMP, name, &config) < 0 && errno == EPERM)
        return error_set(error, "hardware timestamps need CAP_NET_ADMIN");
    if (nic_dates_all(fd, name, &config))
        return 0;
    return error_set(error, "the driver has no hardware timestamps for all frames");
}

int packet_time_choose(int fd, const char *name, enum timestamp_choice choice, struct error *error)
{
    int source = SOF_TIMESTAMPING_RAW_HARDWARE;
    struct hwtstamp_config config = {0};

    if (choice == TIMESTAMP_SOFTWARE ||
        (choice == TIMESTAMP_AUTO && !nic_dates_all(fd, name, &config)))
        return 0;
    if (choice == TIMESTAMP_HARDWARE && make_nic_date_all(fd, name, error) < 0)
        return -1;
    if (setsockopt(fd, SOL_PACKET, PACKET_TIMESTAMP, &source, sizeof(source)) < 0)
        return error_set(error, "no hardware timestamps: %s", strerror(errno));
    return 0;
}
