/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/*
 * The table of tunnels: one row each. Its header file, which classify/tunnel.h includes, is
 * tunnel/NAME.h.
 *
 *   ID             TUNNEL_ID in the code
 *   name           prefix of its function, and its name in --tunnels
 *   IP protocols, UDP destination ports: where it is found, two of each; 0 means not there
 *
 * That file defines NAME_open(), which takes the tunnel's header; see tunnel/gre.h.
 */
#ifndef GAPWATCH_TUNNELS_H
#define GAPWATCH_TUNNELS_H

/* clang-format off */
/*      ID        name       IP protocols  UDP ports */
#define TUNNEL_TABLE(ROW)                             \
    ROW(GRE,      gre,       47,   0,      0,     0)  \
    ROW(ERSPAN,   erspan,    47,   0,      0,     0)  \
    ROW(IP_IN_IP, ip_in_ip,  4,    41,     0,     0)  \
    ROW(AH,       ah,        51,   0,      0,     0)  \
    ROW(SRV6,     srv6,      143,  0,      0,     0)  \
    ROW(VXLAN,    vxlan,     0,    0,      4789,  8472) \
    ROW(GENEVE,   geneve,    0,    0,      6081,  0)  \
    ROW(GTP_U,    gtp_u,     0,    0,      2152,  0)  \
    ROW(TZSP,     tzsp,      0,    0,      37008, 0)

enum tunnel {
#define ROW(id, ...) TUNNEL_##id,
    TUNNEL_TABLE(ROW)
#undef ROW
    TUNNEL_COUNT,
};
/* clang-format on */

#define TUNNEL_BIT(tunnel) (1u << (tunnel))
#define TUNNELS_ALL        (TUNNEL_BIT(TUNNEL_COUNT) - 1)

#endif
