/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Names of outcomes: of protocols, and of the reasons why a frame belongs to none. */
#ifndef GAPWATCH_FLOW_OUTCOME_NAME_H
#define GAPWATCH_FLOW_OUTCOME_NAME_H

#include "outcome.h"

/* The outcome's name in JSON, SQL and the API ("macsec"). */
const char *outcome_name(enum outcome outcome);

/* The outcome with this NAME, or OUTCOME_NONE. */
enum outcome outcome_of_name(const char *name);

/* The outcome's label in reports ("MACsec"). */
const char *outcome_label(enum outcome outcome);

/* What an SA's association is called in PROTOCOL: "AN" of MACsec, "Epoch" of DTLS; NULL: it has
 * none. */
const char *association_name(enum outcome protocol);

/* The power of two at which the sequence numbers of this protocol end; NUMBERS_UNTOLD: the frames
 * do not show it; 0: they carry no numbers. */
int outcome_number_end(enum outcome protocol);

#endif
