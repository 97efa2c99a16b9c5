# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # REFUSAL is what this kernel says of the BPF methods
#
# Options that the BPF programs carry out: --protocols, and -c, after which a capture ends by itself.

modprobe -a veth esp4 xfrm_user
make_namespaces
join_ends va vb
addresses va vb 10.9.1.
esp_sa 65537 10.9.1.1 10.9.1.2 || not_ok "no SA"

# capture_some METHOD WORD...: captures 20 frames while pings over ESP come; prints what is found
capture_some() {
    local pid method=$1
    ip netns exec B gapwatch capture vb "$@" --json --direction in -c 20 >/tmp/some.json 2>/tmp/vb-some.said &
    pid=$!
    await vb-some $pid && pings 30 10.9.1.2
    wait $pid && jq -c '[.capture.packets, .capture.counters.esp, .summary.total_flows]' /tmp/some.json
}

for method in $METHODS; do
    found=$(capture_some "$method" --protocols macsec,esp)
    others=$(capture_some "$method" --protocols tcp,macsec)
    if [ "$found $others" = "[20,20,1] [20,20,0]" ]; then
        ok "$method: 20 frames, tracked only when they are asked for"
    elif [ -n "$REFUSAL" ] && grep -q "$REFUSAL" /tmp/vb-some.said; then
        ok "$method is refused, and says why"
    else
        not_ok "$method: $found $others: $(said vb-some)"
    fi
done
remove_namespaces
