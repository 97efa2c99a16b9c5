# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# Compares late and replayed frames with the receiver's own counters, for the same window, under netem's
# delays.

modprobe -a veth macsec sch_netem esp4 xfrm_user
make_namespaces
join_ends va vb
addresses va vb 10.9.0.
esp_sa 65537 10.9.0.1 10.9.0.2 replay-window 32 || not_ok "receiver: no such SA"
a ip link add link va ms0 type macsec port 1 encrypt on
b ip link add link vb ms0 type macsec port 1 encrypt on replay on window 32
a ip macsec add ms0 tx sa 0 pn 1 on key 01 00112233445566778899aabbccddeeff
b ip macsec add ms0 rx port 1 address "$(mac_a va)"
b ip macsec add ms0 rx port 1 address "$(mac_a va)" sa 0 pn 1 on key 01 00112233445566778899aabbccddeeff
ip -n A link set ms0 up
ip -n B link set ms0 up
addresses ms0 ms0 10.9.1.

# disordered ADDRESS: sends pings that netem reorders, some by more than the window
disordered() {
    pings 40 "$1"
    a tc qdisc add dev va root netem delay 400ms 390ms limit 10000
    pings 300 "$1" -i 0.0005
    sleep 1
    a tc qdisc del dev va root
    pings 40 "$1"
}

start_sensors receiver vb
disordered 10.9.0.2
disordered 10.9.1.2
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
