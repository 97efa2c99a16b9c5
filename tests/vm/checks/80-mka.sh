# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # network.sh sets what all_lossy() found
#
# Keys that wpa_supplicant agrees on (MKA) and gives to macsec.ko: what is told of the channels, and the loss
# over a change of keys.

modprobe -a veth macsec sch_netem sch_prio cls_fw
make_namespaces
join_ends va vb
mkdir -p /run/wpa /tmp/mka

# supplicant SIDE DEVICE PRIORITY: the smaller one becomes key server; sets $supplicant
supplicant() {
    cat >"/tmp/mka/$1" <<END
eapol_version=3
ap_scan=0
network={
    key_mgmt=NONE
    eapol_flags=0
    macsec_policy=1
    macsec_replay_protect=1
    macsec_replay_window=32
    mka_priority=$3
    mka_cak=00112233445566778899aabbccddeeff
    mka_ckn=6162636465666768696a6b6c6d6e6f707172737475767778797a303132333435
}
END
    ip netns exec "$1" wpa_supplicant -D macsec_linux -i "$2" -c "/tmp/mka/$1" >"/tmp/mka/$1.said" 2>&1 &
    supplicant=$!
}

# agree: waits until both ends have a device whose frames the other one receives
agree() {
    for _ in $(seq 60); do
        if ip -n A link show macsec0 >/dev/null 2>&1 && ip -n B link show macsec0 >/dev/null 2>&1; then
            addresses macsec0 macsec0 10.9.8.
            ip -n A link set macsec0 up
            ip -n B link set macsec0 up
            a ping -q -c 1 -W 1 10.9.8.2 >/dev/null && return
        fi
        pause 1
    done
    return 1
}

# told SENSOR: what MKA says of A's channel: the key server, the number of the key in use, whether that has
# the association number of the SA in use, and how many keys were used
told() {
    sqlite3 "/tmp/$1.db" "SELECT json_extract(mka, '\$.key_server'), json_extract(mka, '\$.priority'),
        json_extract(mka, '\$.key_number'), association IN (CASE WHEN json_extract(mka, '\$.latest_tx')
            THEN json_extract(mka, '\$.latest_an') ELSE json_extract(mka, '\$.old_an') END), generation + 1
        FROM flows JOIN sas ON sas.flow = flows.id WHERE flows.flow_id LIKE '%0a0001 }'
        ORDER BY generation DESC LIMIT 1"
}

# As lossy(), but netem has the frames of pings alone: MKA's own frames are not the channel's.
encrypted_lossy() {
    all_lossy va 10.9.8.2
    truth=${truths[0]}
}

start_sensors mka vb
supplicant B vb 16
first=$supplicant
supplicant A va 32
sum=0
if agree; then
    encrypted_lossy
    sum=$truth
    kill "$supplicant"
    wait "$supplicant"
    supplicant A va 32 # the key server distributes another key
    agree || not_ok "mka: the ends do not agree again"
    encrypted_lossy
    pause 5 # until the old key is retired
else
    not_ok "mka: the ends do not agree: $(tail -n 3 /tmp/mka/A.said | tr '\n' ' ')"
    truth=0
fi
kill "$first" "$supplicant"
wait "$first" "$supplicant"
stop_sensors
expect "mka and a change of keys" $((sum + truth)) total_lost_packets "MACsec { sci: 0x02000000000a*"
for sensor in $running; do
    said=$(told "$sensor")
    if [ "$said" = "0|32|2|1|2" ]; then
        ok "mka: what $sensor tells of the channel"
    else
        not_ok "mka: $sensor tells $said"
    fi
done
remove_namespaces
