/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/secrets/token.h"

#include <string.h>
#include <unistd.h>

int token_read(int descriptor, char token[TOKEN_CHARS])
{
    char line[TOKEN_CHARS + 1]; /* one more octet, to notice a token that is too long */
    ssize_t octets = pread(descriptor, line, sizeof(line) - 1, 0);
    size_t length;

    if (octets <= 0)
        return -1;
    line[octets] = '\0';
    length = strcspn(line, "\r\n");
    if (!length || length >= TOKEN_CHARS)
        return -1;
    line[length] = '\0';
    for (size_t i = 0; i < length; i++)
        if (line[i] <= ' ' || line[i] > '~')
            return -1;
    memcpy(token, line, length + 1);
    return 0;
}
