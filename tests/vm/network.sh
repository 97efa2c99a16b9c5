# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# Common to all checks: a network of two namespaces A and B, a sensor for each method in B, and traffic from
# A, of which netem drops a part. The expected loss is netem's counter.

METHODS="xdp tc af_packet pcap"

ok() { echo "ok $*"; }
not_ok() { echo "not ok $*"; }
skip() { echo "skip $*"; }

a() { ip netns exec A "$@"; }
b() { ip netns exec B "$@"; }

# --- the network ---

make_namespaces() {
    for name in A B; do
        ip netns add $name
        # There is no traffic except the checks' own.
        ip netns exec $name sh -c 'cd /proc/sys/net/ipv6/conf/default && echo 0 >accept_dad &&
            echo 0 >router_solicitations && echo 1 >addr_gen_mode && echo 0 >accept_ra'
        ip -n $name link set lo up
    done
}

remove_namespaces() {
    ip netns del A
    ip netns del B
}

# join DEVICE_A DEVICE_B: makes a link; both ends are up
join_ends() {
    ip link add "$1" netns A type veth peer name "$2" netns B
    ip -n A link set "$1" up
    ip -n B link set "$2" up
}

mac_a() { a cat "/sys/class/net/$1/address"; }
mac_b() { b cat "/sys/class/net/$1/address"; }

# addresses DEVICE_A DEVICE_B PREFIX: sets the addresses PREFIX1 and PREFIX2 and their neighbour entries
addresses() {
    local length=24
    case $3 in *:*) length=64 ;; esac
    ip -n A addr add "${3}1/$length" dev "$1"
    ip -n B addr add "${3}2/$length" dev "$2"
    ip -n A neigh replace "${3}2" lladdr "$(mac_b "$2")" dev "$1" nud permanent
    ip -n B neigh replace "${3}1" lladdr "$(mac_a "$1")" dev "$2" nud permanent
}

# esp_sa SPI SOURCE DESTINATION [WORD...]: an SA with a policy for ICMP; WORDs go to `ip xfrm state`
esp_sa() {
    local spi=$1 from=$2 to=$3 mode=transport icmp=1 side
    shift 3
    case " $* " in *" mode tunnel "*) mode=tunnel ;; esac
    case $from in *:*) icmp=58 ;; esac
    case " $* " in *" mode "*) ;; *) set -- "$@" mode transport ;; esac
    for side in a b; do
        $side ip xfrm state add src "$from" dst "$to" proto esp spi "$spi" reqid "$((spi))" "$@" \
            aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 || return
    done
    a ip xfrm policy add src "$from" dst "$to" proto $icmp dir out \
        tmpl src "$from" dst "$to" proto esp reqid "$((spi))" mode $mode || return
    [ $mode = transport ] || b ip xfrm policy add src "$from" dst "$to" proto $icmp dir in \
        tmpl src "$from" dst "$to" proto esp reqid "$((spi))" mode $mode
}

# --- traffic ---

# pings COUNT ADDRESS [OPTION...]: sends pings, whether they are answered or not
pings() {
    a ping -q -c "$1" -i 0.002 -W 0.1 "${@:3}" "$2" >/dev/null
}

# dropped DEVICE: the number of frames that netem dropped there
dropped() {
    a tc -s qdisc show dev "$1" | sed -n 's/.*(dropped \([0-9]*\).*/\1/p' | head -n 1
}

# lossy DEVICE ADDRESS [OPTION...]: sends pings, and sets $truth to the number that netem drops. netem lets
# the first and last pings pass, so that each missing number lies between two that arrive.
lossy() {
    pings 5 "$2" "${@:3}"
    a tc qdisc add dev "$1" root netem loss random 20%
    pings 100 "$2" "${@:3}"
    # shellcheck disable=SC2034 # used by the caller
    truth=$(dropped "$1")
    a tc qdisc del dev "$1" root
    pings 5 "$2" "${@:3}"
}

# --- sensors ---

# A kernel before 6.1 refuses the BPF programs, which is reported.
is_old() {
    case $(uname -r) in [0-5].* | 6.0.*) return 0 ;; *) return 1 ;; esac
}

# said SENSOR: its messages, without progress
said() {
    grep -v -e '^\[' -e '^gapwatch: watching' -e 'another gapwatch' "/tmp/$1.said" | tr '\n' ' '
}

# await SENSOR PID: waits until it watches; fails when it ends instead
await() {
    for _ in $(seq 300); do
        grep -q '^gapwatch: watching' "/tmp/$1.said" && return 0
        kill -0 "$2" 2>/dev/null || return 1
        sleep 0.1
    done
    return 1
}

# start_sensors NAME INTERFACE...: starts one for each interface and method, called INTERFACE-METHOD. Sets
# $running to those that watch.
start_sensors() {
    local name=$1 interface method sensor
    local -A process
    shift
    running='' pids=''
    for interface in "$@"; do
        for method in $METHODS; do
            sensor=$interface-$method
            rm -f "/tmp/$sensor".*
            ip netns exec B gapwatch capture "$interface" "/tmp/$sensor.db" "$method" \
                --flush-interval 1 >/dev/null 2>"/tmp/$sensor.said" &
            process[$sensor]=$!
        done
    done
    for sensor in "${!process[@]}"; do
        if await "$sensor" "${process[$sensor]}"; then
            running="$running $sensor"
            pids="$pids ${process[$sensor]}"
        elif is_old && grep -q 'cannot load the BPF programs' "/tmp/$sensor.said"; then
            ok "$name: $sensor is refused, and says why"
        else
            not_ok "$name: $sensor: $(said "$sensor")"
        fi
    done
}

stop_sensors() {
    local pid
    sleep 0.3 # until frames on their way have arrived
    # shellcheck disable=SC2086 # one word for each process
    kill -INT $pids
    for _ in $(seq 200); do
        # shellcheck disable=SC2086
        kill -0 $pids 2>/dev/null || break
        sleep 0.1
    done
    for pid in $pids; do
        kill -KILL "$pid" 2>/dev/null && not_ok "a sensor does not end"
        wait "$pid"
    done
}

# figure SENSOR COLUMN GLOB: the sum of a column over the flows whose id matches
figure() {
    sqlite3 "/tmp/$1.db" "SELECT coalesce(sum($2), 0) FROM flows WHERE flow_id GLOB '$3'"
}

# expect NAME TRUTH COLUMN GLOB: checks that figure of each sensor that ran
expect() {
    local sensor found wrong=
    [ -z "$running" ] && is_old && return # all were refused, which was reported
    for sensor in $running; do
        found=$(figure "$sensor" "$3" "$4")
        [ "$found" = "$2" ] || wrong="$wrong $sensor found $found; $(said "$sensor")"
    done
    if [ -z "$wrong" ] && [ "$2" -gt 0 ] && [ -n "$running" ]; then
        ok "$1: $3 $2 ($running )"
    else
        not_ok "$1: $3 is $2:$wrong"
    fi
}
