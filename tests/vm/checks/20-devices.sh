# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # network.sh sets what lossy() found
#
# Devices on top of others, frames that take several pages, and frames that the kernel merges.

modprobe -a veth sch_netem esp4 xfrm_user 8021q bonding

# sa NUMBER DEVICE_A DEVICE_B: an SA between 10.9.NUMBER.1 and 10.9.NUMBER.2 over these devices
sa() {
    addresses "$2" "$3" "10.9.$1."
    esp_sa $((65536 + $1)) "10.9.$1.1" "10.9.$1.2" replay-window 32 flag esn || not_ok "no SA $1"
}

# flow NUMBER: a pattern for its flow's id
flow() { printf '*spi: 0x%08x*' $((65536 + $1)); }

# watch NAME DEVICE_OF_LOSS SENSOR...: checks that each of the sensors finds the loss of SA 1
watch() {
    start_sensors "$1" "${@:3}"
    lossy "$2" 10.9.1.2
    stop_sensors
    expect "$1" "$truth" total_lost_packets "$(flow 1)"
}

# --- VLAN devices, and jumbo frames on the device below, merged and not ---
make_namespaces
join_ends va vb
batch A "link set va mtu 9000" "link add link va name va.5 type vlan id 5" "link set va.5 up" \
    "link add link va name va.6 type vlan id 6" "link set va.6 up"
batch B "link set vb mtu 9000" "link add link vb name vb.5 type vlan id 5" "link set vb.5 up" \
    "link add link vb name vb.6 type vlan id 6" "link set vb.6 up"
sa 1 va.5 vb.5
sa 2 va vb
sa 3 va vb
sa 4 va.6 vb.6
start_sensors "VLAN device" vb vb.5-tc vb.5-af_packet vb.5-pcap
lossy va 10.9.1.2
truths=("$truth")
for state in off on; do
    b ethtool -K vb gro $state
    lossy va 10.9.$((${#truths[@]} + 1)).2 -s 5000
    truths+=("$truth")
done
stop_sensors
only vb vb.5
expect "a VLAN device and the one below it" "${truths[0]}" total_lost_packets "$(flow 1)"
only vb
expect "jumbo frames, gro off" "${truths[1]}" total_lost_packets "$(flow 2)"
expect "jumbo frames, gro on" "${truths[2]}" total_lost_packets "$(flow 3)"
# XDP has a VLAN device of its own: it is generic there, for which Linux 6.12 copies a frame and forgets its
# mac_len; TC on the same device then gets the frame without its Ethernet header. It comes last, because
# Linux takes no XDP program below a device that has one.
start_sensors "a VLAN device by XDP" vb.6-xdp
lossy va 10.9.4.2
stop_sensors
expect "a VLAN device by XDP" "$truth" total_lost_packets "$(flow 4)"
remove_namespaces

# --- a bond of two links ---
make_namespaces
for name in A B; do
    ip -n $name link add bond0 type bond mode active-backup miimon 100
done
for number in 0 1; do
    join_ends va$number vb$number
    batch A "link set va$number down" "link set va$number master bond0"
    batch B "link set vb$number down" "link set vb$number master bond0"
done
for name in A B; do
    ip -n $name link set bond0 up
done
pause 0.5
sa 1 bond0 bond0
watch "a bond and its member" bond0 vb0 bond0-tc bond0-af_packet bond0-pcap
# The kernel takes a program for the bond, or for its members.
watch "a bond by XDP" bond0 bond0-xdp
remove_namespaces
