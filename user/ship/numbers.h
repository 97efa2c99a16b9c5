/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the numbers of a flow's protocol are, as SQL over its flow_id. */
#ifndef GAPWATCH_SHIP_NUMBERS_H
#define GAPWATCH_SHIP_NUMBERS_H

#include "protocols.h"

/* The first number of an SA of the flow's protocol, and how many bits numbers have there. A flow's
 * id begins like the form of ids up to its first variable. */
#define IS_FLOW_OF(id) "startsWith(flow_id, splitByChar('$', '" id "')[1]), "
#define FIRST_OF(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, by,    \
                 flow_id)                                                                          \
    IS_FLOW_OF(flow_id) #first ", "
#define BITS_OF(id, name, label, ethertype, ip_protocol, udp_port, form, bits, end, first, by,     \
                flow_id)                                                                           \
    IS_FLOW_OF(flow_id) #bits ", "
#define FIRST_NUMBER "multiIf(" PROTOCOL_TABLE(FIRST_OF) "1)"
#define NUMBER_BITS  "multiIf(" PROTOCOL_TABLE(BITS_OF) "64)"

#endif
