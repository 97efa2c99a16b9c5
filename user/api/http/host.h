/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Checks the host that a request names. */
#ifndef GAPWATCH_API_HTTP_HOST_H
#define GAPWATCH_API_HTTP_HOST_H

/* Whether HOST is a host name or an address, with or without a port (RFC 3986 section 3.2.2): an
 * IPv6 address stands in brackets, and the port is a number of 16 bits. */
int host_is_valid(const char *host);

/* Whether HOST, which is valid, with or without a port, is localhost, a loopback address
 * (127.0.0.0/8, [::1]), or one of NAMES, which have spaces between them. Letter case does not
 * matter. */
int host_is_allowed(const char *host, const char *names);

#endif
