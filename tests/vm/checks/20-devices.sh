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

# watch NAME DEVICE_OF_LOSS INTERFACE...: checks that sensors on each interface find the loss of SA 1
watch() {
    start_sensors "$1" "${@:3}"
    lossy "$2" 10.9.1.2
    stop_sensors
    expect "$1" "$truth" total_lost_packets "$(flow 1)"
}

# --- VLAN devices ---
make_namespaces
join_ends va vb
ip -n A link add link va name va.5 type vlan id 5
ip -n B link add link vb name vb.5 type vlan id 5
ip -n A link set va.5 up
ip -n B link set vb.5 up
sa 1 va.5 vb.5
# On such a device, the kernel's generic XDP leaves displaced frames to TC, so they are watched in turn.
METHODS="tc af_packet pcap" watch "a VLAN device" va vb.5
METHODS=xdp watch "a VLAN device by XDP" va vb.5
watch "the device below a VLAN device" va vb
remove_namespaces

# --- a bond of two links ---
make_namespaces
for name in A B; do
    ip -n $name link add bond0 type bond mode active-backup miimon 100
done
for number in 0 1; do
    ip link add va$number netns A type veth peer name vb$number netns B
    ip -n A link set va$number master bond0
    ip -n B link set vb$number master bond0
done
for name in A B; do
    ip -n $name link set bond0 up
done
sleep 0.5
sa 1 bond0 bond0
METHODS="tc af_packet pcap" watch "a bond and its member" bond0 bond0 vb0
METHODS=xdp watch "a bond by XDP" bond0 bond0
METHODS=xdp watch "a member of a bond by XDP" bond0 vb0
remove_namespaces

# --- jumbo frames; merging off and on ---
make_namespaces
join_ends va vb
ip -n A link set va mtu 9000
ip -n B link set vb mtu 9000
for number in 1 2 3; do
    sa $number va vb
done
start_sensors "jumbo frames" vb
lossy va 10.9.1.2 -s 8000
truths=("$truth")
for state in off on; do
    b ethtool -K vb gro $state
    lossy va 10.9.$((${#truths[@]} + 1)).2 -s 8000
    truths+=("$truth")
done
stop_sensors
expect "jumbo frames" "${truths[0]}" total_lost_packets "$(flow 1)"
expect "jumbo frames, gro off" "${truths[1]}" total_lost_packets "$(flow 2)"
expect "jumbo frames, gro on" "${truths[2]}" total_lost_packets "$(flow 3)"
remove_namespaces
