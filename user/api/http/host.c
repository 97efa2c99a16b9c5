/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/http/host.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/http/head.h"

#define LOOPBACK_NET 127

#define DIGITS      "0123456789"
#define PORT_DIGITS 5
#define PORT_MAX    65535

/* The characters of a host name. */
#define NAME                                                                                       \
    DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"                                  \
           "-._~%!$&'()*+,;="

/* Whether REST, which follows a name, is empty or a port. RFC 3986 allows a port without digits. */
static int is_port(const char *rest)
{
    size_t digits;

    if (!*rest)
        return 1;
    digits = strspn(rest + 1, DIGITS);
    return *rest == ':' && !rest[1 + digits] && digits <= PORT_DIGITS && atoi(rest + 1) <= PORT_MAX;
}

int host_is_valid(const char *host)
{
    size_t length = *host == '[' ? strcspn(host, "]") : strspn(host, NAME);
    char address[INET6_ADDRSTRLEN];
    struct in6_addr six;

    if (*host != '[')
        return length && is_port(host + length);
    if (!host[length] || length > sizeof(address))
        return 0;
    memcpy(address, host + 1, length - 1);
    address[length - 1] = '\0';
    return inet_pton(AF_INET6, address, &six) == 1 && is_port(host + length + 1);
}

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
