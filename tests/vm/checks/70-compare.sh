# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# Two sensors at both ends of a link with the kernel's own MACsec, and a bridge between them that drops frames:
# gapwatch compare finds what netem dropped, frame for frame, also at the end of an SA.

modprobe -a veth macsec bridge sch_netem
make_namespaces
bridge va ra rb vb

# key SIDE LINK PEER_MAC NUMBER TX_KEY RX_KEY: makes association NUMBER known at one end
key() {
    batch "$1" "macsec add ms rx port 1 address $3 sa $4 pn 1 on key 1$4 $6" \
        "macsec add ms tx sa $4 pn 1 on key 2$4 $5"
}

keys=(00112233445566778899aabbccddee0 ffeeddccbbaa9988776655443322110)

# rekey NUMBER: both ends change to association NUMBER
rekey() {
    key A va "$MAC_B" "$1" "${keys[0]}$1" "${keys[1]}$1"
    key B vb "$MAC_A" "$1" "${keys[1]}$1" "${keys[0]}$1"
    ip -n A link set ms type macsec encodingsa "$1"
    ip -n B link set ms type macsec encodingsa "$1"
}

for side in "A va $MAC_B" "B vb $MAC_A"; do
    # shellcheck disable=SC2086 # words of a command
    set -- $side
    batch "$1" "link add link $2 ms type macsec port 1 encrypt on" "macsec add ms rx port 1 address $3" "link set ms up"
done
rekey 0
addresses ms ms 10.9.9.
sleep 1 # until the kernel has sent its multicast reports

# sensor SIDE LINK METHOD: its database is /tmp/SIDE.db
sensor() {
    ip netns exec "$1" gapwatch capture "$2" "/tmp/$1.db" "$3" --flush-interval 1 >/dev/null 2>"/tmp/$1.said" &
    pids="$pids $!"
    await "$1" $! || not_ok "compare: the sensor in $1: $(said "$1")"
}

# drop SHARE: the bridge drops SHARE of what goes to B from now on; $dropped has what it dropped before
dropped=0
drop() {
    local now
    now=$(tc -n R -s qdisc show dev rb | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p')
    dropped=$((dropped + ${now:-0}))
    tc -n R qdisc del dev rb root 2>/dev/null
    [ "$1" = 0 ] || tc -n R qdisc add dev rb root netem loss "$1"
}

method=tc
[ -z "$REFUSAL" ] || method=af_packet
pids=''
# shellcheck disable=SC2034 # for stop_sensors
running=''
sensor A va af_packet
sensor B vb $method

pings 5 10.9.9.2
drop 20%
pings 100 10.9.9.2
drop 100% # the end of this SA, which B never sees
pings 6 10.9.9.2
drop 0
rekey 1
pings 5 10.9.9.2
drop 20%
pings 100 10.9.9.2
drop 0
pings 5 10.9.9.2
rekey 2
pings 20 10.9.9.2
drop 100%
pings 4 10.9.9.2
drop 0
stop_sensors

gapwatch compare --json /tmp/A.db /tmp/B.db >/tmp/compared.json || not_ok "compare fails"
# The sums of the direction WAY, and the associations of its SAs.
way() {
    jq -r "[.summary.ways.$1 | .lost_between, .lost_before_a, .missed_by_a, .lost_undetermined, .sas] | @tsv" \
        /tmp/compared.json | tr '\t' ' '
}
found=$(way a_to_b)
if [ "$dropped" -gt 20 ] && [ "$found" = "$dropped 0 0 0 3" ]; then
    ok "compare on macsec: lost between the sensors $dropped"
else
    not_ok "compare on macsec: netem dropped $dropped, lost between, before, missed, undetermined, SAs: $found"
fi
found=$(way b_to_a)
if [ "$found" = "0 0 0 0 3" ]; then
    ok "compare on macsec: nothing was lost in the other direction"
else
    not_ok "compare on macsec: the other direction: $found"
fi
remove_namespaces
ip netns del R
