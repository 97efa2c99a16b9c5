/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#ifndef GAPWATCH_API_ROUTES_FLOWS_SEARCH_H
#define GAPWATCH_API_ROUTES_FLOWS_SEARCH_H

#include <sqlite3.h>

#include "base/text.h"

/* The SQL function that search_register() adds: whether a flow id matches what a user looks for. */
#define SEARCH_FUNCTION "flow_matches"

/* What a user looks for. */
struct search {
    enum {
        SEARCH_PART,    /* the id contains this text */
        SEARCH_ADDRESS, /* an address of the flow begins with these bits */
        SEARCH_PORT,    /* a port of the flow is this number */
        SEARCH_NUMBER,  /* its SPI, SCI or another hexadecimal number is this one, or begins so */
        SEARCH_DIGITS,  /* a word of the id is this number, or a hexadecimal number contains it */
    } kind;
    char text[FLOW_ID_CHARS * 2]; /* in lower case */
    char part[FLOW_ID_CHARS];     /* a part that all matching ids contain; other ids are skipped */
    unsigned family;              /* 4 or 6 */
    unsigned char octets[16];
    unsigned bits; /* of the address that must be the same */
    unsigned long long number;
};

/* Sets SEARCH to what TEXT, typed by a user, looks for. Any text is valid. */
void search_parse(struct search *search, const char *text);

/* Whether the flow FLOW_ID is one that SEARCH looks for. */
int search_matches(const struct search *search, const char *flow_id);

/* Adds SEARCH_FUNCTION to DATABASE. Returns SQLite's result code. */
int search_register(sqlite3 *database);

#endif
