# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# Common to all checks: a network of two namespaces A and B, a sensor for each method in B, and traffic from
# A, of which netem drops a part. The expected loss is netem's counter.

METHODS="xdp tc af_packet pcap"

ok() { echo "ok $*"; }
not_ok() { echo "not ok $*"; }
skip() { echo "skip $*"; }

# pause SECONDS: as sleep, but starts no process, which would be slow here
[ -p /tmp/silence ] || mkfifo /tmp/silence
exec {silence}<>/tmp/silence
pause() { read -rt "$1" -u "$silence" || true; }

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

# All devices of a side have its address: one that stands on others has theirs.
MAC_A=02:00:00:00:00:0a
MAC_B=02:00:00:00:00:0b

# batch SIDE [LINE...]: arguments of ip, a line for each call of it. Starting one is most of its time.
batch() {
    local side=$1
    shift
    printf '%s\n' "$@" | ip -n "$side" -batch -
}

# join DEVICE_A DEVICE_B: makes the two ends of a link, which are up
join_ends() {
    ip link add "$1" netns A address $MAC_A type veth peer name "$2" netns B address $MAC_B
    ip -n A link set "$1" up
    ip -n B link set "$2" up
}

# bridge DEVICE_A PORT_A PORT_B DEVICE_B: as join_ends, with a bridge of the namespace R in between
bridge() {
    ip netns add R
    ip netns exec R sh -c 'echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6' # no frames of its own
    ip link add "$1" netns A address $MAC_A type veth peer name "$2" netns R
    ip link add "$4" netns B address $MAC_B type veth peer name "$3" netns R
    batch R "link add br0 type bridge mcast_snooping 0" "link set $2 master br0" "link set $3 master br0" \
        "link set br0 up" "link set $2 up" "link set $3 up"
    ip -n A link set "$1" up
    ip -n B link set "$4" up
}

# disorder PORT: from now on R sends some frames later there, by no more than a window, and some twice
disorder() {
    tc -n R qdisc add dev "$1" root netem delay 20ms reorder 80% duplicate 15% limit 10000
}

# addresses DEVICE_A DEVICE_B PREFIX...: PREFIX1 and PREFIX2, which know each other
addresses() {
    local device_a=$1 device_b=$2 prefix length
    local lines_a=() lines_b=()
    shift 2
    for prefix in "$@"; do
        length=24
        case $prefix in *:*) length=64 ;; esac
        lines_a+=("addr add ${prefix}1/$length dev $device_a"
            "neigh replace ${prefix}2 lladdr $MAC_B dev $device_a nud permanent")
        lines_b+=("addr add ${prefix}2/$length dev $device_b"
            "neigh replace ${prefix}1 lladdr $MAC_A dev $device_b nud permanent")
    done
    batch A "${lines_a[@]}"
    batch B "${lines_b[@]}"
}

# esp_sa SPI SOURCE DESTINATION [WORD...]: an SA with a policy for ICMP; WORDs go to `ip xfrm state`
esp_sa() {
    local spi=$1 from=$2 to=$3 mode=transport icmp=1 state policy
    shift 3
    case " $* " in *" mode tunnel "*) mode=tunnel ;; esac
    case $from in *:*) icmp=58 ;; esac
    case " $* " in *" mode "*) ;; *) set -- "$@" mode transport ;; esac
    state="xfrm state add src $from dst $to proto esp spi $spi reqid $((spi)) $*"
    state="$state aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128"
    policy="xfrm policy add src $from dst $to proto $icmp dir DIRECTION"
    policy="$policy tmpl src $from dst $to proto esp reqid $((spi)) mode $mode"
    batch A "$state" "${policy/DIRECTION/out}" || return
    # Without a tunnel no policy is needed to receive.
    if [ $mode = tunnel ]; then
        batch B "$state" "${policy/DIRECTION/in}"
    else
        batch B "$state"
    fi
}

# --- traffic ---

# pings COUNT ADDRESS [OPTION...]: sends pings, whether they are answered or not
pings() {
    a ping -q -c "$1" -i 0.002 -W 0.1 "${@:3}" "$2" >/dev/null
}

# drops DEVICE: how many frames each netem dropped there, a line for each, by the class that it is of
drops() {
    tc -n A -s qdisc show dev "$1" | sed -n '/^qdisc netem/{s/.* \(root\|parent [^ ]*\) .*/\1/;h
        n;s/.*(dropped \([0-9]*\).*/\1/;H;x;s/\n/ /p;}'
}

# lossy DEVICE ADDRESS [OPTION...]: sends pings, and sets $truth to the number that netem drops. netem lets
# the first and last pings pass, so that each missing number lies between two that arrive.
lossy() {
    pings 5 "$2" "${@:3}"
    tc -n A qdisc add dev "$1" root netem loss random 20%
    pings 100 "$2" "${@:3}"
    # shellcheck disable=SC2034 # for the caller
    truth=$(drops "$1" | sed 's/.* //')
    tc -n A qdisc del dev "$1" root
    pings 5 "$2" "${@:3}"
}

# all_pings COUNT ADDRESS...: to all of them at once, with marks that tell them apart, from 1 on
all_pings() {
    # shellcheck disable=SC2016 # the inner shell expands it
    a bash -c 'count=$1 mark=0
        shift
        for address; do
            mark=$((mark + 1))
            ping -q -c "$count" -i 0.005 -W 0.1 -m $mark "$address" >/dev/null &
        done
        wait' all_pings "$@"
}

# all_lossy DEVICE ADDRESS...: as lossy(), to at most 15 addresses at once; sets $truths in their order
all_lossy() {
    local device=$1 number hex
    local lines=("qdisc add dev $1 root handle 1: prio bands 16 priomap$(printf ' 15%.0s' $(seq 16))")
    shift
    for number in $(seq $#); do
        hex=$(printf %x "$number")
        lines+=("qdisc add dev $device parent 1:$hex netem loss random 20%"
            "filter add dev $device parent 1: handle $number fw classid 1:$hex")
    done
    all_pings 5 "$@"
    printf '%s\n' "${lines[@]}" | tc -n A -batch -
    all_pings 100 "$@"
    truths=()
    for number in $(seq $#); do
        truths+=("$(drops "$device" | sed -n "s/^parent 1:$(printf %x "$number") //p")")
    done
    tc -n A qdisc del dev "$device" root
    all_pings 5 "$@"
}

# --- sensors ---

# What the BPF methods must say on a kernel where they do not work; empty where they must work.
REFUSAL=
case $(uname -rv) in
[0-5].* | 6.0.*) REFUSAL='cannot load the BPF programs' ;;
*PREEMPT_RT*) REFUSAL='not on PREEMPT_RT kernels' ;;
esac

# said SENSOR: its messages, without progress
said() {
    grep -v -e '^\[' -e '^gapwatch: watching' -e 'another gapwatch' "/tmp/$1.said" | tr '\n' ' '
}

# Polls of 0.1 s that a sensor may take to start: many, as the host may be busy.
POLLS=1200
# The same to end. Seven sensors that end at once take the guest 1 to 2 s, and 8 s when it gets 15% of a
# processor: most of it is emulation, and the kernel's grace periods as it closes rings and programs.
END_POLLS=600

# await SENSOR PID: waits until it watches; fails when it ends instead
await() {
    for _ in $(seq $POLLS); do
        [[ $(<"/tmp/$1.said") == *'gapwatch: watching'* ]] && return 0
        kill -0 "$2" 2>/dev/null || return 1
        pause 0.1
    done
    return 1
}

# start_sensors NAME INTERFACE[-METHOD]...: one for each, or one of each method, called
# INTERFACE-METHOD. Sets $running to those that watch.
start_sensors() {
    local name=$1 word methods method sensor
    local -A process
    shift
    running='' pids=''
    for word in "$@"; do
        methods=$METHODS
        case $word in *-*) methods=${word#*-} ;; esac
        for method in $methods; do
            sensor=${word%%-*}-$method
            rm -f "/tmp/$sensor".*
            ip netns exec B gapwatch capture "${word%%-*}" "/tmp/$sensor.db" "$method" \
                --flush-interval 1 >/dev/null 2>"/tmp/$sensor.said" &
            process[$sensor]=$!
        done
    done
    for sensor in "${!process[@]}"; do
        if await "$sensor" "${process[$sensor]}"; then
            running="$running $sensor"
            pids="$pids ${process[$sensor]}"
        elif [ -n "$REFUSAL" ] && grep -q "$REFUSAL" "/tmp/$sensor.said"; then
            ok "$name: $sensor is refused, and says why"
        else
            not_ok "$name: $sensor: $(said "$sensor")"
        fi
    done
}

# stands PID: where each thread of a process waits in the kernel
stands() {
    local thread
    for thread in /proc/"$1"/task/*; do
        printf '%s: %s; ' "$(<"$thread/comm")" "$(tr '\n' ' ' <"$thread/stack")"
    done
}

stop_sensors() {
    local pid
    pause 0.3 # until frames on their way have arrived
    # shellcheck disable=SC2086 # one word for each process
    kill -INT $pids
    for _ in $(seq $END_POLLS); do
        # shellcheck disable=SC2086
        kill -0 $pids 2>/dev/null || break
        pause 0.1
    done
    for pid in $pids; do
        kill -0 "$pid" 2>/dev/null && not_ok "a sensor does not end: $(stands "$pid")" && kill -KILL "$pid"
        wait "$pid"
    done
    ran=$running
    for pid in $running; do
        sqlite3 "/tmp/$pid.db" "SELECT $FIGURES, flow_id FROM flows" >"/tmp/$pid.flows"
    done
}

# only INTERFACE...: of all that ran, leaves in $running those that watched one of these
only() {
    local sensor
    running=
    for sensor in $ran; do
        case " $* " in *" ${sensor%-*} "*) running="$running $sensor" ;; esac
    done
}

# The figures of flows that are looked at.
FIGURES="total_lost_packets, late_packets, duplicate_packets, wraparounds"

# figure SENSOR COLUMN GLOB: sets $found to the sum of a column over the flows whose id matches
figure() {
    local total_lost_packets late_packets duplicate_packets wraparounds flow
    found=0
    # shellcheck disable=SC2034 # COLUMN is the name of one of them
    while IFS='|' read -r total_lost_packets late_packets duplicate_packets wraparounds flow; do
        # shellcheck disable=SC2053 # it is a pattern
        [[ $flow == $3 ]] && found=$((found + ${!2}))
    done <"/tmp/$1.flows"
}

# expect NAME TRUTH COLUMN GLOB: checks that figure of each sensor that ran
expect() {
    local sensor found wrong=
    [ -z "$running" ] && [ -n "$REFUSAL" ] && return # all were refused, which was reported
    for sensor in $running; do
        figure "$sensor" "$3" "$4"
        [ "$found" = "$2" ] || wrong="$wrong $sensor found $found; $(said "$sensor")"
    done
    if [ -z "$wrong" ] && [ "$2" -gt 0 ] && [ -n "$running" ]; then
        ok "$1: $3 $2 ($running )"
    else
        not_ok "$1: $3 is $2:$wrong"
    fi
}
