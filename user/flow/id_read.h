/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Reads the id of a flow that flow_id_format() wrote. */
#ifndef GAPWATCH_FLOW_ID_READ_H
#define GAPWATCH_FLOW_ID_READ_H

#include "record.h"

/* Sets KEY to the flow whose id is TEXT. Returns 0, or -1 when TEXT is not such an id. */
int flow_id_read(const char *text, struct flow_key *key);

#endif
