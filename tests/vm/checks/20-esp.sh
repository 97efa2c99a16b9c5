# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# shellcheck shell=bash
#
# The kernel's own ESP, by each method.

# transport SIDE: the SAs of both directions, with ESN
transport() {
    for direction in "10.9.0.1 dst 10.9.0.2 proto esp spi 0x1001" "10.9.0.2 dst 10.9.0.1 proto esp spi 0x1002"; do
        # shellcheck disable=SC2086 # words of a command
        "$1" ip xfrm state add src $direction reqid 1 mode transport replay-window 32 flag esn \
            aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128 || return
    done
}

modprobe -a veth sch_netem esp4 xfrm_user
make_link
if ! transport a || ! transport b || ! a ip xfrm policy add src 10.9.0.1 dst 10.9.0.2 proto 1 dir out \
    tmpl src 10.9.0.1 dst 10.9.0.2 proto esp reqid 1 mode transport; then
    not_ok "esp: no such SA"
fi
a ping -q -c 2 -W 2 10.9.0.2 >/dev/null || not_ok "esp: no answer"
for method in auto xdp tc; do
    lossy esp $method 10.9.0.2
done
remove_link
