/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "base/spelling.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define LENGTH_MAX 31
#define LONG_WORD  7 /* characters */

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned smaller = a < b ? a : b;

    return smaller < c ? smaller : c;
}

static int differ(char a, char b)
{
    return tolower((unsigned char)a) != tolower((unsigned char)b);
}

/* The number of characters that are added, missing, wrong or swapped with the next one between A
 * and B: the optimal string alignment distance. Neither may be longer than LENGTH_MAX. */
static unsigned distance(const char *a, const char *b)
{
    unsigned cost[LENGTH_MAX + 1][LENGTH_MAX + 1];
    size_t rows = strlen(a), columns = strlen(b);

    for (size_t i = 0; i <= rows; i++)
        cost[i][0] = (unsigned)i;
    for (size_t j = 0; j <= columns; j++)
        cost[0][j] = (unsigned)j;
    for (size_t i = 1; i <= rows; i++)
        for (size_t j = 1; j <= columns; j++) {
            cost[i][j] = least(cost[i - 1][j] + 1, cost[i][j - 1] + 1,
                               cost[i - 1][j - 1] + (unsigned)differ(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && !differ(a[i - 1], b[j - 2]) && !differ(a[i - 2], b[j - 1]))
                cost[i][j] = least(cost[i][j], cost[i - 2][j - 2] + 1, cost[i][j]);
        }
    return cost[rows][columns];
}

int is_misspelt(const char *word, const char *known)
{
    if (strlen(word) > LENGTH_MAX || strlen(known) > LENGTH_MAX || !*word)
        return 0;
    return distance(word, known) <= (strlen(known) >= LONG_WORD ? 2u : 1u);
}
