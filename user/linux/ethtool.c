/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/ethtool.h"

#if defined(__linux__)

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* More than any kernel has (Linux 6.18 has 64). */
#define FEATURES_MAX 1024

int ethtool_open(void)
{
    return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/* Has the driver answer COMMAND, one of the ethtool structures. Returns 0, or -1 with errno. */
static int ask(int ethtool, const char *interface, void *command)
{
    struct ifreq request = {.ifr_data = command};

    snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
    return ioctl(ethtool, SIOCETHTOOL, &request);
}

void ethtool_driver(int ethtool, const char *interface, char *driver, size_t size)
{
    struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};

    driver[0] = '\0';
    if (ask(ethtool, interface, &info) == 0)
        snprintf(driver, size, "%.*s", (int)sizeof(info.driver), info.driver);
}

/* The number of features that the kernel knows; 0 when it does not tell. */
static unsigned feature_count(int ethtool, const char *interface)
{
    union {
        struct ethtool_sset_info info;
        char room[sizeof(struct ethtool_sset_info) + sizeof(__u32)];
    } sets = {.info = {.cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1ull << ETH_SS_FEATURES}};

    if (ask(ethtool, interface, &sets) < 0 || !sets.info.sset_mask)
        return 0;
    return sets.info.data[0] <= FEATURES_MAX ? sets.info.data[0] : 0;
}

/* The index of FEATURE among COUNT features, or COUNT when there is none of that name. */
static unsigned feature_number(int ethtool, const char *interface, const char *feature,
                               unsigned count)
{
    struct ethtool_gstrings *names = calloc(1, sizeof(*names) + (size_t)count * ETH_GSTRING_LEN);
    unsigned number = 0;

    if (!names)
        return count;
    names->cmd = ETHTOOL_GSTRINGS;
    names->string_set = ETH_SS_FEATURES;
    names->len = count;
    if (ask(ethtool, interface, names) < 0)
        number = count;
    while (number < count && strncmp((const char *)names->data + number * ETH_GSTRING_LEN, feature,
                                     ETH_GSTRING_LEN) != 0)
        number++;
    free(names);
    return number;
}

int ethtool_feature_is_on(int ethtool, const char *interface, const char *feature)
{
    unsigned count = feature_count(ethtool, interface);
    unsigned number = feature_number(ethtool, interface, feature, count);
    union {
        struct ethtool_gfeatures head;
        char room[sizeof(struct ethtool_gfeatures) +
                  FEATURES_MAX / 32 * sizeof(struct ethtool_get_features_block)];
    } features = {.head = {.cmd = ETHTOOL_GFEATURES, .size = FEATURES_MAX / 32}};

    if (number == count || ask(ethtool, interface, &features) < 0)
        return 0;
    return features.head.features[number / 32].active >> number % 32 & 1;
}

#endif
