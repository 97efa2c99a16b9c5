/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/pins.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>

#include "maps.h"
#include "sensor.skel.h"

#define BPF_FILE_SYSTEM "/sys/fs/bpf"
#define PIN_MODE        0700

static const char *const names[] = {"counters", "events", "missed", "missed_full", "state"};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

void pins_init(struct pins *pins)
{
    *pins = (struct pins){.directory = -1};
}

/* Whether there is a BPF file system, mounted here if need be. */
static int has_file_system(void)
{
    struct statfs status;

    if (statfs(BPF_FILE_SYSTEM, &status) == 0 && status.f_type == BPF_FS_MAGIC)
        return 1;
    return mount("bpf", BPF_FILE_SYSTEM, "bpf", 0, "mode=0700") == 0;
}

static void remove_all(const struct pins *pins)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        unlinkat(pins->directory, names[i], 0);
}

/* Makes the directory and locks it: whoever holds the lock is alive. */
static int claim(struct pins *pins, const char *interface)
{
    int length = snprintf(pins->path, sizeof(pins->path), PIN_ROOT "/%s", interface);

    if (length < 0 || (size_t)length >= sizeof(pins->path))
        return -1;
    for (char *at = pins->path + sizeof(PIN_ROOT); *at; at++)
        if (*at == '.')
            *at = '_';
    mkdir(PIN_ROOT, PIN_MODE);
    mkdir(pins->path, PIN_MODE);
    pins->directory = open(pins->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (pins->directory < 0)
        return -1;
    if (flock(pins->directory, LOCK_EX | LOCK_NB) == 0)
        return 0;
    close(pins->directory);
    pins->directory = -1;
    return -1;
}

static int pin(const struct pins *pins, const char *name, const struct bpf_map *map)
{
    char path[sizeof(pins->path) + 16];

    snprintf(path, sizeof(path), "%s/%s", pins->path, name);
    return bpf_obj_pin(bpf_map__fd(map), path);
}

int pins_make(struct pins *pins, const char *interface, const struct sensor_bpf *skeleton)
{
    const struct bpf_map *maps[NAME_COUNT] = {
        skeleton->maps.counters,    skeleton->maps.events, skeleton->maps.missed,
        skeleton->maps.missed_full, skeleton->maps.bss,
    };

    if (!has_file_system() || claim(pins, interface) < 0)
        return -1;
    remove_all(pins);
    for (size_t i = 0; i < NAME_COUNT; i++) {
        if (pin(pins, names[i], maps[i]) < 0) {
            pins_release(pins);
            return -1;
        }
    }
    return 0;
}

void pins_release(struct pins *pins)
{
    if (pins->directory < 0)
        return;
    remove_all(pins);
    rmdir(pins->path);
    rmdir(PIN_ROOT); /* unless there are others */
    close(pins->directory);
    pins->directory = -1;
}
