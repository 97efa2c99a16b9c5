# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # network.sh sets what all_lossy() found
#
# The kernel's own tunnels with ESP or MACsec inside: what netem drops below them is what is found lost.

modprobe -a veth macsec sch_netem sch_prio cls_fw esp4 esp6 xfrm_user vxlan geneve ip_gre ip6_gre ipip sit ip6_tunnel
make_namespaces
join_ends va vb
addresses va vb 10.8.0. fd08::

# tunnel NAME PREFIX WORD...: a device at both ends; A's remote end is 2, B's is 1
tunnel() {
    # shellcheck disable=SC2153 # they come from the script that sources this one
    local name=$1 prefix=$2 own=10.8.0. mac_a=$MAC_A mac_b=$MAC_B
    shift 2
    case " $* " in *" FD08 "*) own=fd08:: ;; esac
    local words_a=() words_b=() word
    for word; do
        case $word in
        FD08) continue ;;
        LOCAL) words_a+=("${own}1") words_b+=("${own}2") ;;
        REMOTE) words_a+=("${own}2") words_b+=("${own}1") ;;
        *) words_a+=("$word") words_b+=("$word") ;;
        esac
    done
    a ip link add "$name" "${words_a[@]}" && b ip link add "$name" "${words_b[@]}" || return
    case " $* " in *" vxlan "* | *" geneve "* | *" gretap "*)
        a ip link set "$name" address "$mac_a"
        b ip link set "$name" address "$mac_b"
        ;;
    esac
    a ip link set "$name" up
    b ip link set "$name" up
    a ip addr add "${prefix}1/24" dev "$name"
    b ip addr add "${prefix}2/24" dev "$name"
    case " $* " in *" vxlan "* | *" geneve "* | *" gretap "*)
        a ip neigh replace "${prefix}2" lladdr "$mac_b" dev "$name" nud permanent
        b ip neigh replace "${prefix}1" lladdr "$mac_a" dev "$name" nud permanent
        ;;
    esac
}

names=() globs=() targets=()
# with_esp NAME PREFIX WORD...: a tunnel with ESP in transport mode inside
with_esp() {
    local spi=$((70000 + ${#names[@]}))
    if tunnel "$1" "$2" "${@:3}" && esp_sa $spi "${2}1" "${2}2" replay-window 32; then
        names+=("esp in $1") globs+=("$(printf '*spi: 0x%08x*' $spi)") targets+=("${2}2")
    else
        not_ok "$1: it cannot be made"
    fi
}

with_esp vxlan 10.8.1. type vxlan id 7 dstport 4789 local LOCAL remote REMOTE
with_esp geneve 10.8.2. type geneve id 7 remote REMOTE
with_esp gre 10.8.3. type gre local LOCAL remote REMOTE
with_esp gretap 10.8.4. type gretap local LOCAL remote REMOTE key 7 csum
with_esp ipip 10.8.5. type ipip local LOCAL remote REMOTE
with_esp vxlan6 10.8.6. FD08 type vxlan id 8 dstport 4789 local LOCAL remote REMOTE
with_esp gre6 10.8.7. FD08 type ip6gre local LOCAL remote REMOTE
with_esp ipip6 10.8.8. FD08 type ip6tnl mode any local LOCAL remote REMOTE

# MACsec on a VXLAN device.
if tunnel vm 10.8.9. type vxlan id 9 dstport 8472 local LOCAL remote REMOTE &&
    a ip link add link vm ms type macsec port 5 encrypt on && b ip link add link vm ms type macsec port 5 encrypt on; then
    a ip macsec add ms tx sa 0 pn 1 on key 01 00112233445566778899aabbccddeeff
    b ip macsec add ms rx port 5 address "$MAC_A"
    b ip macsec add ms rx port 5 address "$MAC_A" sa 0 pn 1 on key 01 00112233445566778899aabbccddeeff
    a ip link set ms up
    b ip link set ms up
    addresses ms ms 10.8.10.
    names+=("macsec in vxlan") globs+=("MACsec*0005 }") targets+=(10.8.10.2)
else
    not_ok "macsec in vxlan: it cannot be made"
fi
sleep 1 # until the kernel has reported its multicast groups

start_sensors tunnels vb
all_lossy va "${targets[@]}"
stop_sensors
for number in "${!names[@]}"; do
    expect "${names[number]}" "${truths[number]}" total_lost_packets "${globs[number]}"
done
remove_namespaces
