/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/load.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "source/bpf/load_log.h"
#include "source/bpf/object.h"

#define KERNEL_TYPES "/sys/kernel/btf/vmlinux"

#define DESCRIPTORS_NEEDED 40
#define OF_WORKER          2
#define OF_PORT            6

#define TYPES_COPIES 3 /* libbpf needs this many times the size of the kernel's types */

enum open_status sensor_failed(struct error *error, const char *what, int reason)
{
    error_set(error, "cannot %s: %s", what, strerror(reason));
    return OPEN_FAILED;
}

/* Sets ERROR to why the kernel refused the programs. */
static enum open_status not_loaded(struct error *error, int reason)
{
    const char *why = strerror(reason), *hint = "";

    if (access(KERNEL_TYPES, R_OK) < 0)
        why = "there is no " KERNEL_TYPES " (is /sys mounted, has the kernel BTF?)";
    else if (load_log_is_there())
        hint = ": this kernel's verifier refuses them";
    else if (reason == EPERM || reason == ENOSYS) /* a container's filter answers either */
        hint = ": this system or container forbids it, though the capabilities are there";
    error_set(error, "cannot load the BPF programs: %s%s", why, hint);
    load_log_take(error);
    return OPEN_FAILED;
}

/*
 * Whether there are enough file descriptors. If they run out while libbpf probes features of the
 * kernel, libbpf concludes that the kernel lacks the feature. Returns 0, or the errno of the
 * failure.
 */
static int lack_of_descriptors(const struct sensor *sensor)
{
    int descriptors[DESCRIPTORS_NEEDED + OF_WORKER * WORKERS_MAX + OF_PORT * TARGETS_MAX];
    size_t others = sensor->port_count > 1 ? sensor->port_count - 1 : 0;
    size_t count = DESCRIPTORS_NEEDED + OF_WORKER * sensor->options.workers + OF_PORT * others;
    size_t opened = 0;
    int reason = 0;

    while (opened < count && (descriptors[opened] = open("/", O_PATH | O_CLOEXEC)) >= 0)
        opened++;
    if (opened < count)
        reason = errno;
    while (opened)
        close(descriptors[--opened]);
    return reason;
}

/* Whether memory is too low to read the kernel's types; libbpf's own error does not say so. Returns
 * like lack_of_descriptors(). */
static int lack_of_memory(void)
{
    struct stat types;
    size_t bytes;
    void *room;

    if (stat(KERNEL_TYPES, &types) < 0)
        return 0;
    bytes = TYPES_COPIES * (size_t)types.st_size;
    room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return errno;
    munmap(room, bytes);
    return 0;
}

enum open_status sensor_load(struct sensor *sensor, struct error *error)
{
    uint32_t bytes = ring_size(sensor->options.buffer_bytes);
    int reason = lack_of_descriptors(sensor);
    struct sensor_bpf *skeleton;
    enum open_status status;

    if (!reason)
        reason = lack_of_memory();
    if (reason)
        return sensor_failed(error, "load the BPF programs", reason);
    skeleton = object_open();
    if (!skeleton)
        return sensor_failed(error, "open the BPF object", errno);
    sensor->skeleton = skeleton;
    skeleton->rodata->classifier.link = sensor->link;
    skeleton->rodata->classifier.tunnels = sensor->options.tunnels;
    skeleton->rodata->classifier.esp_ports = sensor->options.esp_ports;
    skeleton->rodata->workers = sensor->options.workers;
    skeleton->rodata->ring_bytes = bytes;
    skeleton->rodata->classifier.protocols = sensor->options.protocols;
    skeleton->rodata->max_frames = sensor->options.limit->most;
    bpf_map__set_max_entries(skeleton->maps.events, bytes);
    status = sensor->hook->choose(sensor, error);
    if (status != OPEN_DONE)
        return status;
    return sensor_bpf__load(skeleton) < 0 ? not_loaded(error, errno) : OPEN_DONE;
}

int sensor_probe(const struct hook *hook, struct error *error)
{
    struct frame_limit none = {0};
    struct sensor sensor = {
        .hook = hook,
        .options = {.workers = 1,
                    .tunnels = TUNNELS_ALL,
                    .protocols = PROTOCOLS_ALL,
                    .limit = &none},
        .link = LINK_ETHERNET,
    };
    enum open_status status;

    load_log_begin();
    status = sensor_load(&sensor, error);
    sensor_bpf__destroy(sensor.skeleton);
    return status == OPEN_DONE ? 0 : -1;
}
