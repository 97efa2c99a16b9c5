# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # REFUSAL is what this kernel says of the BPF methods
#
# Options that the BPF programs carry out: --protocols, and -c, after which a capture ends by itself.

modprobe -a veth esp4 xfrm_user
make_namespaces
join_ends va vb
addresses va vb 10.9.1.
esp_sa 65537 10.9.1.1 10.9.1.2 || not_ok "no SA"

declare -A found

# capture_some PROTOCOLS: 20 frames by each method at once; sets $found to what each one found
capture_some() {
    local method
    local -A process
    for method in $METHODS; do
        ip netns exec B gapwatch capture vb "$method" --protocols "$1" --json --direction in -c 20 \
            >"/tmp/$method.json" 2>"/tmp/$method.said" &
        process[$method]=$!
    done
    for method in $METHODS; do
        await "$method" "${process[$method]}"
    done
    pings 30 10.9.1.2
    for method in $METHODS; do
        wait "${process[$method]}" && found[$method]+=$(
            jq -c '[.capture.packets, .capture.counters.esp, .summary.total_flows]' "/tmp/$method.json"
        )
    done
}

capture_some macsec,esp
capture_some tcp,macsec
for method in $METHODS; do
    if [ "${found[$method]}" = "[20,20,1][20,20,0]" ]; then
        ok "$method: 20 frames, tracked only when they are asked for"
    elif [ -n "$REFUSAL" ] && grep -q "$REFUSAL" "/tmp/$method.said"; then
        ok "$method is refused, and says why"
    else
        not_ok "$method: ${found[$method]}: $(said "$method")"
    fi
done
remove_namespaces
