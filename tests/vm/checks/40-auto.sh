# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# The choice of `auto`, and what `interfaces` prints about it.

modprobe veth
make_namespaces
join_ends va vb
expected=tc
[ -z "$REFUSAL" ] || expected=af_packet
start_sensors auto vb-auto
stop_sensors
if grep -q "^gapwatch: watching vb with $expected" /tmp/vb-auto.said; then
    hook=$(sed -n 's/^gapwatch: watching vb with tc (\([a-z]*\).*/ by \1/p' /tmp/vb-auto.said)
    ok "auto takes $expected$hook"
else
    not_ok "auto: $(cat /tmp/vb-auto.said)"
fi
found=$(b gapwatch interfaces --json | jq -r '.interfaces[] | select(.name == "vb") | .auto.method')
if [ "$found" = $expected ]; then
    ok "interfaces says that auto takes $expected"
else
    not_ok "interfaces says that auto takes $found: $(b gapwatch interfaces)"
fi
# As the service does, which is not root.
capabilities=+net_raw,+net_admin,+bpf,+perfmon
found=$(b setpriv --reuid=nobody --inh-caps=-all,$capabilities --ambient-caps=-all,$capabilities \
    gapwatch interfaces --json | jq -r '.interfaces[] | select(.name == "vb") | .auto.method')
if [ "$found" = $expected ]; then
    ok "another user than root may use $expected, with the capabilities of the service"
else
    not_ok "for another user, auto takes $found"
fi
remove_namespaces
