/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The names of protocols, and of the reasons why a frame belongs to none. */
#ifndef GAPWATCH_FLOW_OUTCOME_NAME_H
#define GAPWATCH_FLOW_OUTCOME_NAME_H

#include "outcome.h"

/* "macsec" and the like: the outcome's name in JSON, SQL and the API. */
const char *outcome_name(enum outcome outcome);

/* The outcome whose name that is, or OUTCOME_NONE. */
enum outcome outcome_of_name(const char *name);

/* "MACsec" and the like: the outcome's name for people. */
const char *outcome_label(enum outcome outcome);

#endif
