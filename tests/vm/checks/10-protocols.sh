# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # network.sh sets what all_lossy() found
#
# The kernel's own MACsec and ESP in all forms, over a bridge that reorders and doubles frames: the loss that
# is found is what netem dropped ahead of it. And late frames are as many as the receiver's own counters say,
# for the same window.

modprobe -a veth bridge macsec sch_netem sch_prio cls_fw esp4 esp6 xfrm_user
make_namespaces
bridge va ra rb vb

KEY_A=00112233445566778899aabbccddeeff
KEY_B=ffeeddccbbaa99887766554433221100
SALT=000102030405060708090a0b
XPN_START=4294967246 # 50 below 2^32: it is passed while frames are lost

# secure SIDE DEVICE LINK PEER_MAC PORT CIPHER START TX RX KEY PEER_KEY; START, TX and RX are words
secure() {
    batch "$1" "link add link $3 $2 type macsec port $5 cipher $6 encrypt on replay on window 32" \
        "macsec add $2 tx sa 0 $7 $8 on key 01 ${10}" \
        "macsec add $2 rx port $5 address $4" \
        "macsec add $2 rx port $5 address $4 sa 0 $7 $9 on key 02 ${11}" \
        "link set $2 up"
}

# macsec PORT CIPHER: makes a device at both ends
macsec() {
    local key_a=$KEY_A key_b=$KEY_B start="pn 1" one='' two=''
    case $2 in *256) key_a=$KEY_A$KEY_A key_b=$KEY_B$KEY_B ;; esac
    case $2 in *xpn*) start="xpn $XPN_START salt $SALT" one="ssci 1" two="ssci 2" ;; esac
    secure A "ms$1" va "$MAC_B" "$1" "$2" "$start" "$one" "$two" $key_a $key_b &&
        secure B "ms$1" vb "$MAC_A" "$1" "$2" "$start" "$two" "$one" $key_b $key_a &&
        addresses "ms$1" "ms$1" "10.9.10$1."
}

# Sends with the association numbers 1, 2, 3 and again 0, each with its own key. Sets $truth.
rekeys() {
    local sum=0 number rx="rx port 1 address $MAC_A"
    for number in 1 2 3 0; do
        if [ $number = 0 ]; then
            ip -n A macsec del ms1 tx sa 0
            # shellcheck disable=SC2086 # words of a command
            ip -n B macsec del ms1 $rx sa 0
        fi
        batch B "macsec add ms1 $rx sa $number pn 1 on key 1$number $KEY_B"
        batch A "macsec add ms1 tx sa $number pn 1 on key 1$number $KEY_B" \
            "link set ms1 type macsec encodingsa $number"
        lossy va 10.9.101.2
        sum=$((sum + truth))
    done
    truth=$sum
}

names=() globs=() targets=()
# form NAME GLOB ADDRESS: checks one form; GLOB matches its flow's id
form() { names+=("$1") globs+=("$2") targets+=("$3"); }

macsec_forms() {
    local number=1 cipher
    for cipher in gcm-aes-128 gcm-aes-256 gcm-aes-xpn-128 gcm-aes-xpn-256; do
        if macsec $number $cipher; then
            form $cipher "MACsec*000$number }" 10.9.10$number.2
        else
            not_ok "$cipher: it cannot be made"
        fi
        number=$((number + 1))
    done
}

# Words of `ip xfrm state` that make an SA, over IPv4 and IPv6 each.
ESP_FORMS=("replay-window 32" "replay-window 32 flag esn" "mode tunnel replay-window 32"
    "mode tunnel replay-window 128 flag esn" "replay-window 32 encap espinudp 4500 4500 0.0.0.0")

esp_forms() {
    local spi=65536 number=0 words prefix
    for words in "${ESP_FORMS[@]}"; do
        number=$((number + 1))
        addresses va vb 10.9.$number. fd09:$number::
        for prefix in 10.9.$number. fd09:$number::; do
            spi=$((spi + 1))
            # shellcheck disable=SC2086 # words of a command
            if esp_sa $spi "${prefix}1" "${prefix}2" $words; then
                form "esp ${prefix}1 $words" "$(printf '*spi: 0x%08x*' $spi)" ${prefix}2
            else
                not_ok "esp ${prefix}1 $words: no such SA"
            fi
        done
    done
}

LATE_SPI=65600 LATE_PORT=5

# Makes an ESP SA and a MACsec channel for late(), both with a window of 32.
late_forms() {
    addresses va vb 10.9.20.
    esp_sa $LATE_SPI 10.9.20.1 10.9.20.2 replay-window 32 || not_ok "late: no such SA"
    macsec $LATE_PORT gcm-aes-128
}

# One frame in ten is overtaken by all that are sent within a second and a half.
late() {
    all_pings 40 10.9.20.2 10.9.10$LATE_PORT.2
    tc -n A qdisc add dev va root netem delay 1500ms reorder 90% limit 10000
    all_pings 300 10.9.20.2 10.9.10$LATE_PORT.2
    sleep 2
    tc -n A qdisc del dev va root
    all_pings 40 10.9.20.2 10.9.10$LATE_PORT.2
}

# refused NETWORK SPI: what the receiver of an ESP SA counts: `window REFUSED replay REFUSED failed REFUSED`
refused() {
    b ip -s xfrm state get src "${1}1" dst "${1}2" proto esp spi "$2" | sed -n '/ failed /s/.*replay-//p'
}

# Prints the column of this name from the line below.
late_of_macsec() {
    b ip -s macsec show ms$LATE_PORT | awk '/InPktsLate/ {
        for (column = 1; $column != "InPktsLate"; column++) continue
        getline
        print $(column - 1)
    }'
}

macsec_forms
esp_forms
late_forms
sleep 1 # until the kernel has sent its multicast reports

start_sensors protocols vb
late
disorder rb
all_lossy va "${targets[@]}"
rekeys
stop_sensors
names[0]="${names[0]} and a round of its association numbers"
truths[0]=$((truths[0] + truth))
for number in "${!names[@]}"; do
    expect "${names[number]}" "${truths[number]}" total_lost_packets "${globs[number]}"
    case ${names[number]} in # of A's channel alone: XDP sees no other
    *xpn*) expect "${names[number]} past 2^32" 1 wraparounds "${globs[number]/\*/*0a}" ;;
    esac
done
read -r _ late _ <<<"$(refused 10.9.20. $LATE_SPI)"
expect "ip -s xfrm state" "$late" late_packets "$(printf '*spi: 0x%08x*' $LATE_SPI)"
expect "ip -s macsec" "$(late_of_macsec)" late_packets "MACsec*000$LATE_PORT }"
read -r _ _ _ twice _ <<<"$(refused 10.9.1. 65537)"
expect "ip -s xfrm state" "$twice" duplicate_packets "*spi: 0x00010001*"
remove_namespaces
ip netns del R
