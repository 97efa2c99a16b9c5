# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# The choice of `auto`, and what `interfaces` prints about it.

modprobe veth
make_namespaces
join_ends va vb
expected=tc
is_old && expected=af_packet
METHODS=auto start_sensors auto vb
stop_sensors
if grep -q "^gapwatch: watching vb with $expected" /tmp/vb-auto.said; then
    ok "auto takes $expected"
else
    not_ok "auto: $(cat /tmp/vb-auto.said)"
fi
found=$(b gapwatch interfaces --json | jq -r '.interfaces[] | select(.name == "vb") | .auto.method')
if [ "$found" = $expected ]; then
    ok "interfaces says that auto takes $expected"
else
    not_ok "interfaces says that auto takes $found: $(b gapwatch interfaces)"
fi
remove_namespaces
