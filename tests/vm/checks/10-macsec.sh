# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # network.sh sets the addresses
#
# The kernel's own MACsec, by each method.

# macsec_side SIDE DEVICE PEER_ADDRESS KEY PEER_KEY
macsec_side() {
    "$1" ip link add link "$2" ms0 type macsec encrypt on &&
        "$1" ip macsec add ms0 tx sa 0 pn 1 on key 01 "$4" &&
        "$1" ip macsec add ms0 rx port 1 address "$3" &&
        "$1" ip macsec add ms0 rx port 1 address "$3" sa 0 pn 1 on key 02 "$5" &&
        "$1" ip link set ms0 up
}

modprobe -a veth macsec sch_netem
make_link
key_a=00112233445566778899aabbccddeeff
key_b=ffeeddccbbaa99887766554433221100
if ! macsec_side a va "$address_b" $key_a $key_b || ! macsec_side b vb "$address_a" $key_b $key_a; then
    not_ok "macsec: no such devices"
fi
a ip addr add 10.9.1.1/24 dev ms0
b ip addr add 10.9.1.2/24 dev ms0
a ping -q -c 2 -W 2 10.9.1.2 >/dev/null || not_ok "macsec: no answer"
for method in auto xdp tc af_packet pcap; do
    lossy macsec $method 10.9.1.2
done
remove_link
