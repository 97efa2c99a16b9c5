/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The outcomes of classifying. Every frame has exactly one, and each outcome has one counter. */
#ifndef GAPWATCH_OUTCOME_H
#define GAPWATCH_OUTCOME_H

#include "protocols.h"

/* clang-format off */
/* ID            name in JSON  label in a text report */
#define REASON_TABLE(ROW)                                           \
    ROW(NOT_IP,       not_ip,       "not IP")                       \
    ROW(OTHER_IP,     other_ip,     "other IP protocol")            \
    ROW(FRAGMENT,     fragment,     "later IP fragment")            \
    ROW(KAY,          kay,          "MACsec for the KaY")           \
    ROW(RESERVED_SPI, reserved_spi, "ESP with SPI 0")               \
    ROW(TOO_DEEP,     too_deep,     "too many headers")             \
    ROW(TRUNCATED,    truncated,    "cut by the snap length")       \
    ROW(MALFORMED,    malformed,    "malformed")

enum outcome {
    OUTCOME_NONE, /* no decision yet; never the outcome of a frame */
#define ROW(id, ...) OUTCOME_##id,
    PROTOCOL_TABLE(ROW)
    OUTCOME_PROTOCOLS_END, /* protocols stand above, reasons why a frame has none below */
    OUTCOME_LAST_PROTOCOL = OUTCOME_PROTOCOLS_END - 1,
    REASON_TABLE(ROW)
#undef ROW
    OUTCOME_COUNT,
};
/* clang-format on */

#endif
