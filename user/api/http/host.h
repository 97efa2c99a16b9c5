/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_HTTP_HOST_H
#define GAPWATCH_API_HTTP_HOST_H

/* Whether HOST, with or without a port, is localhost, a loopback address (127.0.0.0/8, [::1]), or
 * one of NAMES, which have spaces between them. Letter case does not matter. */
int host_is_allowed(const char *host, const char *names);

#endif
