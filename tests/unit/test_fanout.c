/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Two packet sockets share an interface in a network namespace of this test. */
#include "source/af_packet/fanout.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "source/af_packet/packet_socket.h"
#include "unit.h"

#define SOCKETS     2
#define FLOWS       64
#define FRAME_BYTES 100
#define ETHERNET    14

static const char *obstacle; /* why no namespace can be made, or NULL */

static struct sock_filter accept_all[] = {BPF_STMT(BPF_RET | BPF_K, FRAME_BYTES)};

static struct packet_socket sockets[SOCKETS];

static int enter_namespace(void **state)
{
    (void)state;
    if (unshare(CLONE_NEWNET) < 0)
        obstacle = strerror(errno);
    else if (system("ip link add one type veth peer name other && ip link set one arp off up && "
                    "ip link set other arp off up") != 0)
        obstacle = "no veth interfaces";
    if (obstacle && getenv("CI"))
        fail_msg("CI must be able to make network namespaces: %s", obstacle);
    return 0;
}

/* Opens both sockets on the interface `one`. */
static void open_sockets(void)
{
    struct sock_fprog filter = {.len = 1, .filter = accept_all};
    struct error error;
    int group = 0;

    for (int i = 0; i < SOCKETS; i++) {
        assert_int_equal(packet_socket_open(&sockets[i], 1 << 20, &error), 0);
        assert_int_equal(packet_socket_bind(&sockets[i], if_nametoindex("one")), 0);
        group = fanout_join(sockets[i].fd, group, &(struct classifier){.link = LINK_ETHERNET});
        assert_true(group > 0);
    }
    for (int i = 0; i < SOCKETS; i++)
        assert_int_equal(packet_socket_filter(&sockets[i], &filter), 0);
}

static int close_sockets(void **state)
{
    (void)state;
    for (int i = 0; i < SOCKETS; i++)
        packet_socket_close(&sockets[i]);
    return 0;
}

/* Makes a frame with ETHERTYPE. The last octet of its source address is the number of the flow. */
static void make_frame(unsigned char *frame, unsigned ethertype, unsigned char flow)
{
    memset(frame, 0, FRAME_BYTES);
    memcpy(frame + 6, "\x02\x00\x00\x00\x00", 5);
    frame[FRAME_BYTES - 1] = flow;
    frame[12] = (unsigned char)(ethertype >> 8);
    frame[13] = (unsigned char)ethertype;
}

static void make_macsec(unsigned char *frame, unsigned char flow)
{
    make_frame(frame, 0x88E5, flow);
    frame[ETHERNET] = 0x2C; /* with an SCI */
    frame[ETHERNET + 11] = flow;
}

static void make_implicit_macsec(unsigned char *frame, unsigned char flow)
{
    make_frame(frame, 0x88E5, flow);
    frame[11] = flow;
    frame[ETHERNET] = 0x4C; /* without: the SCI is the source address and port 1 */
}

static void make_esp(unsigned char *frame, unsigned char flow)
{
    make_frame(frame, 0x0800, flow);
    frame[ETHERNET] = 0x45;
    frame[ETHERNET + 9] = 50;
    frame[ETHERNET + 20 + 2] = 1; /* an SPI of 256 or more */
    frame[ETHERNET + 20 + 3] = flow;
}

/* A frame of the same SA after its sender has moved. */
static void make_moved_esp(unsigned char *frame, unsigned char flow)
{
    make_esp(frame, flow);
    frame[ETHERNET + 15] = 9;
}

/* An IKE message on the port shared with ESP, between other addresses for each flow. */
static void make_ike(unsigned char *frame, unsigned char flow)
{
    make_esp(frame, flow);
    frame[ETHERNET + 9] = 17;
    frame[ETHERNET + 19] = flow;
    memcpy(frame + ETHERNET + 20, "\x11\x94\x11\x94\0\0\0\0\0\0\0\0", 12);
}

static void make_esp_in_udp(unsigned char *frame, unsigned char flow)
{
    make_ike(frame, flow);
    frame[ETHERNET + 30] = 1;
    frame[ETHERNET + 31] = 7;
}

static void make_udp(unsigned char *frame, unsigned char flow)
{
    make_frame(frame, 0x0800, flow);
    frame[ETHERNET] = 0x46; /* with one option */
    frame[ETHERNET + 9] = 17;
    frame[ETHERNET + 24 + 1] = flow;
}

static void make_tcp6(unsigned char *frame, unsigned char flow)
{
    make_frame(frame, 0x86DD, flow);
    frame[ETHERNET] = 0x60;
    frame[ETHERNET + 6] = 6;
    frame[ETHERNET + 40 + 1] = flow;
}

/* As make_tcp6(), but the first of several fragments. */
static void make_fragmented_tcp6(unsigned char *frame, unsigned char flow)
{
    make_tcp6(frame, flow);
    frame[ETHERNET + 6] = 44;
    memmove(frame + ETHERNET + 48, frame + ETHERNET + 40, 8);
    memcpy(frame + ETHERNET + 40, "\x06\0\0\x01\0\0\0\0", 8);
}

typedef void (*make_flow)(unsigned char *frame, unsigned char flow);

/* Sends a frame of each flow over the interface NAME. */
static void send_flows(const char *name, make_flow make)
{
    struct sockaddr_ll to = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(name)};
    int fd = socket(AF_PACKET, SOCK_RAW, 0);
    unsigned char frame[FRAME_BYTES];

    assert_true(fd >= 0);
    for (int flow = 0; flow < FLOWS; flow++) {
        make(frame, (unsigned char)flow);
        assert_int_equal(sendto(fd, frame, sizeof(frame), 0, (struct sockaddr *)&to, sizeof(to)),
                         sizeof(frame));
    }
    close(fd);
}

/* Reads FLOWS frames. Sets SOCKET_OF to the socket that received each flow. */
static void receive_flows(int socket_of[FLOWS])
{
    struct seen_frame seen;
    int is_hardware_time;

    for (int flow = 0; flow < FLOWS; flow++)
        socket_of[flow] = -1;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < SOCKETS; i++) {
            packet_socket_wait(&sockets[i], 100);
            while (packet_socket_next(&sockets[i], &seen, &is_hardware_time)) {
                int flow = seen.data[FRAME_BYTES - 1];

                if (seen.length != FRAME_BYTES)
                    continue; /* the kernel's router solicitations */
                assert_in_range(flow, 0, FLOWS - 1);
                assert_int_equal(socket_of[flow], -1); /* received once, by one socket */
                socket_of[flow] = i;
            }
        }
    }
}

/* Both sockets get flows of MAKE. Outgoing frames of a flow, and frames made by OTHER, go to the
 * same socket as its incoming frames. */
static void expect_shared(make_flow make, make_flow other)
{
    int incoming[FLOWS], outgoing[FLOWS], same[FLOWS], second = 0;

    if (obstacle) {
        print_message("no network namespace: %s\n", obstacle);
        skip();
    }
    open_sockets();
    send_flows("other", make);
    receive_flows(incoming);
    send_flows("one", make);
    receive_flows(outgoing);
    send_flows("other", other);
    receive_flows(same);
    for (int flow = 0; flow < FLOWS; flow++) {
        assert_true(incoming[flow] >= 0);
        assert_int_equal(outgoing[flow], incoming[flow]);
        assert_int_equal(same[flow], incoming[flow]);
        second += incoming[flow];
    }
    assert_in_range(second, FLOWS / 4, FLOWS * 3 / 4);
}

static void shares_macsec(void **state)
{
    (void)state;
    expect_shared(make_macsec, make_implicit_macsec);
}

static void shares_esp(void **state)
{
    (void)state;
    expect_shared(make_esp, make_moved_esp);
}

static void keeps_esp_in_udp_with_ike(void **state)
{
    (void)state;
    expect_shared(make_esp_in_udp, make_ike);
}

static void shares_udp(void **state)
{
    (void)state;
    expect_shared(make_udp, make_udp);
}

static void shares_ipv6(void **state)
{
    (void)state;
    expect_shared(make_tcp6, make_fragmented_tcp6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(shares_macsec, close_sockets),
        cmocka_unit_test_teardown(shares_esp, close_sockets),
        cmocka_unit_test_teardown(keeps_esp_in_udp_with_ike, close_sockets),
        cmocka_unit_test_teardown(shares_udp, close_sockets),
        cmocka_unit_test_teardown(shares_ipv6, close_sockets),
    };

    for (int i = 0; i < SOCKETS; i++)
        sockets[i].fd = -1;
    return cmocka_run_group_tests(tests, enter_namespace, NULL);
}
