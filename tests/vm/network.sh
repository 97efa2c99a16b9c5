# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# What the checks share: a network of two namespaces A and B, and a run of gapwatch beside netem.

ok() { echo "ok $*"; }
not_ok() { echo "not ok $*"; }
skip() { echo "skip $*"; }

a() { ip netns exec A "$@"; }
b() { ip netns exec B "$@"; }

# make_link: the namespaces A and B, with va and vb between them, and no traffic but the checks' own.
make_link() {
    for name in A B; do
        ip netns add $name
        ip netns exec $name sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
        ip -n $name link set lo up
    done
    ip link add va netns A type veth peer name vb netns B
    ip -n A link set va up
    ip -n B link set vb up
    address_a=$(a cat /sys/class/net/va/address)
    address_b=$(b cat /sys/class/net/vb/address)
    ip -n A addr add 10.9.0.1/24 dev va
    ip -n B addr add 10.9.0.2/24 dev vb
    ip -n A neigh add 10.9.0.2 lladdr "$address_b" dev va nud permanent
    ip -n B neigh add 10.9.0.1 lladdr "$address_a" dev vb nud permanent
}

remove_link() {
    ip netns del A
    ip netns del B
}

# dropped DEVICE: how many frames netem dropped there
dropped() {
    a tc -s qdisc show dev "$1" | sed -n 's/.*(dropped \([0-9]*\).*/\1/p' | head -n 1
}

# start_sensor INTERFACE METHOD [OPTION...]: watches an interface of B until stop_sensor, into $database.
# Fails when it ended by itself.
start_sensor() {
    interface=$1 method=$2
    shift 2
    database=/tmp/$method.db
    rm -f "$database"*
    ip netns exec B gapwatch capture "$interface" "$database" "$method" --flush-interval 1 "$@" \
        >/tmp/report 2>/tmp/said &
    sensor=$!
    for _ in $(seq 100); do
        grep -q '^gapwatch: watching' /tmp/said && return 0
        kill -0 "$sensor" 2>/dev/null || break
        sleep 0.1
    done
    wait "$sensor"
    return 1
}

stop_sensor() {
    # What is on its way arrives first.
    sleep 0.5
    kill -INT "$sensor"
    for _ in $(seq 200); do
        kill -0 "$sensor" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$sensor" 2>/dev/null && not_ok "$method: the sensor does not end"
    wait "$sensor"
}

# said: what the sensor complained of, without its progress
said() {
    grep -v '^\[' /tmp/said | grep -v '^gapwatch: watching' | tr '\n' ' '
}

# figure COLUMN [CONDITION]: the sum of a column over the flows of the last run that number their frames
figure() {
    sqlite3 "$database" "SELECT coalesce(sum($1), 0) FROM flows WHERE protocol IN ('macsec', 'esp') ${2:+AND $2}"
}

# lossy NAME METHOD ADDRESS [INTERFACE]: what netem drops of a flood of pings is what gapwatch finds lost,
# whatever came before and behind.
lossy() {
    local name=$1 truth found
    start_sensor "${4:-vb}" "$2" || { not_ok "$name $2: $(said)"; return; }
    a ping -q -c 20 -i 0.02 -W 1 "$3" >/dev/null
    a tc qdisc add dev va root netem loss random 10%
    a ping -q -f -c 400 -W 1 "$3" >/dev/null
    truth=$(dropped va)
    a tc qdisc del dev va root
    a ping -q -c 40 -i 0.02 -W 1 "$3" >/dev/null
    stop_sensor
    found=$(figure total_lost_packets)
    if [ "$truth" = "$found" ] && [ "$truth" -gt 10 ]; then
        ok "$name $2: netem dropped $truth, gapwatch found $found lost"
    else
        not_ok "$name $2: netem dropped $truth, gapwatch found $found lost $(said)"
    fi
}
