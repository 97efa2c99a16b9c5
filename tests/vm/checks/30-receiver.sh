# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# Compares late frames with the receiver's own counters, for the same window, when netem holds back some.

modprobe -a veth macsec sch_netem esp4 xfrm_user
make_namespaces
join_ends va vb
addresses va vb 10.9.0.
esp_sa 65537 10.9.0.1 10.9.0.2 replay-window 32 || not_ok "receiver: no such SA"
KEY="key 01 00112233445566778899aabbccddeeff"
batch A "link add link va ms0 type macsec port 1 encrypt on" \
    "macsec add ms0 tx sa 0 pn 1 on $KEY" "link set ms0 up"
batch B "link add link vb ms0 type macsec port 1 encrypt on replay on window 32" \
    "macsec add ms0 rx port 1 address $MAC_A" \
    "macsec add ms0 rx port 1 address $MAC_A sa 0 pn 1 on $KEY" "link set ms0 up"
addresses ms0 ms0 10.9.1.

start_sensors receiver vb
all_pings 40 10.9.0.2 10.9.1.2
# One in ten is overtaken by all that are sent within a second and a half.
tc -n A qdisc add dev va root netem delay 1500ms reorder 90% limit 10000
all_pings 300 10.9.0.2 10.9.1.2
sleep 2
tc -n A qdisc del dev va root
all_pings 40 10.9.0.2 10.9.1.2
stop_sensors
late=$(b ip -s xfrm state | sed -n 's/.*replay-window \([0-9]*\) replay.*/\1/p' | head -n 1)
expect "ip -s xfrm state" "${late:-0}" late_packets "*spi: 0x00010001*"
# Prints the column of this name from the line below.
late=$(b ip -s macsec show ms0 | awk '/InPktsLate/ {
    for (column = 1; $column != "InPktsLate"; column++) continue
    getline
    print $(column - 1)
}')
expect "ip -s macsec" "${late:-0}" late_packets "MACsec*0001 }"
remove_namespaces
