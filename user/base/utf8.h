/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_BASE_UTF8_H
#define GAPWATCH_BASE_UTF8_H

#include <stddef.h>

/* Octets of the UTF-8 character at the start of TEXT, which is terminated (RFC 3629 section 4); 0
 * when it is not well-formed. */
size_t utf8_length(const char *text);

#endif
