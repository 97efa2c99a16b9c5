/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/host.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

#include "api/http/head.h"

#define LOOPBACK_NET 127

/* Copies the name or address of HOST, without port, brackets and the last dot, to NAME. */
static void cut_name(const char *host, char name[HOST_OCTETS_MAX + 1])
{
    size_t length = strcspn(host, ":");

    if (*host == '[') {
        host++;
        length = strcspn(host, "]");
    }
    if (length > HOST_OCTETS_MAX)
        length = HOST_OCTETS_MAX;
    memcpy(name, host, length);
    if (length && name[length - 1] == '.')
        length--;
    name[length] = '\0';
}

static int is_loopback(const char *name)
{
    struct in6_addr six;
    struct in_addr four;

    if (inet_pton(AF_INET, name, &four) == 1)
        return ntohl(four.s_addr) >> 24 == LOOPBACK_NET;
    if (inet_pton(AF_INET6, name, &six) == 1)
        return IN6_IS_ADDR_LOOPBACK(&six);
    return strcasecmp(name, "localhost") == 0;
}

int host_is_allowed(const char *host, const char *names)
{
    char name[HOST_OCTETS_MAX + 1];
    size_t length;

    cut_name(host, name);
    if (is_loopback(name))
        return 1;
    length = strlen(name);
    while (*names) {
        size_t word = strcspn(names, " ");

        if (word && word == length && strncasecmp(names, name, length) == 0)
            return 1;
        names += word + (names[word] != '\0');
    }
    return 0;
}
