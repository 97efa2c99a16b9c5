/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The id of a flow as text: the same in reports, SQL and the API. */
#ifndef GAPWATCH_FLOW_ID_H
#define GAPWATCH_FLOW_ID_H

#include "base/text.h"
#include "record.h"

/*
 * Writes the id of the flow KEY into ID, of FLOW_ID_CHARS. The protocol table has the template of
 * the id, in which these words stand for fields of the key:
 *
 *   $sci          the MACsec SCI, 16 hexadecimal digits
 *   $vlans        ", vlan: 10.20", the ids of the VLAN tags, outermost first; empty without tags
 *   $identifier   what names an SA between two addresses (the SPI), 8 hexadecimal digits
 *   $peer $key    OpenVPN's peer id and key id, in decimal
 *   $src $dst     source and destination address
 *   $from $to     source and destination address with port
 */
void flow_id_format(const struct flow_key *key, char *id);

#endif
