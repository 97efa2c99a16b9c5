/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/pins.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/magic.h>

#include "classify/classify.h"
#include "maps.h"
#include "sensor.skel.h"

#define BPF_FILE_SYSTEM "/sys/fs/bpf"
#define PIN_MODE        0700
#define CLAIMS_MAX      3

static const char *const names[] = {"counters", "events", "missed", "missed_full", "state"};

#define NAME_COUNT (sizeof(names) / sizeof(names[0]))

void pins_init(struct pins *pins)
{
    *pins = (struct pins){.directory = -1};
}

/* Whether there is a BPF file system. Mounts it if necessary. */
static int has_file_system(void)
{
    struct statfs status;

    if (statfs(BPF_FILE_SYSTEM, &status) == 0 && status.f_type == BPF_FS_MAGIC)
        return 1;
    return mount("bpf", BPF_FILE_SYSTEM, "bpf", 0, "mode=0700") == 0;
}

/* Removes all pins in DIRECTORY, also those of other versions. */
static void remove_all(int directory)
{
    int copy = dup(directory);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;

    if (!entries) {
        if (copy >= 0)
            close(copy);
        return;
    }
    rewinddir(entries);
    while ((entry = readdir(entries)))
        if (entry->d_name[0] != '.')
            unlinkat(directory, entry->d_name, 0);
    closedir(entries);
}

/* Locks the directory PATH; only a living sensor holds this lock. Returns a descriptor, or -1 when
 * another sensor holds the lock or the directory was removed meanwhile. */
static int lock_folder(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat ours, there;

    if (directory < 0)
        return -1;
    if (flock(directory, LOCK_EX | LOCK_NB) == 0 && fstat(directory, &ours) == 0 &&
        stat(path, &there) == 0 && ours.st_ino == there.st_ino)
        return directory;
    close(directory);
    return -1;
}

/* Creates the directory of PINS and locks it. Tries again when another process removes the
 * directory in between. */
static int claim_path(struct pins *pins)
{
    for (int tries = 0; tries < CLAIMS_MAX && pins->directory < 0; tries++) {
        mkdir(PIN_ROOT, PIN_MODE);
        mkdir(pins->path, PIN_MODE);
        pins->directory = lock_folder(pins->path);
    }
    return pins->directory < 0 ? -1 : 0;
}

/* The number that tells this network namespace from others. */
static unsigned long long namespace_number(void)
{
    struct stat status;

    return stat("/proc/self/ns/net", &status) == 0 ? status.st_ino : 0;
}

/* Takes the directory for INTERFACE, or one with the number of the namespace in its name. */
static int claim(struct pins *pins, const char *interface, int is_second)
{
    size_t size = sizeof(pins->path);
    int length = snprintf(pins->path, size, PIN_ROOT "/%s", interface);

    if (length < 0 || (size_t)length >= size)
        return -1;
    for (char *at = pins->path + sizeof(PIN_ROOT); *at; at++)
        if (*at == '.')
            *at = '_';
    if (claim_path(pins) == 0)
        return 0;
    if (is_second)
        return -1;
    snprintf(pins->path + length, size - (size_t)length, "@%llu", namespace_number());
    return claim_path(pins);
}

/* Removes the directory NAME and its pins when no living sensor holds it. */
static void remove_if_dead(const char *name)
{
    char path[sizeof(PIN_ROOT) + NAME_MAX + 1];
    int directory;

    snprintf(path, sizeof(path), PIN_ROOT "/%s", name);
    directory = lock_folder(path);
    if (directory < 0)
        return;
    remove_all(directory);
    rmdir(path);
    close(directory);
}

void pins_remove_dead(void)
{
    DIR *folders = opendir(PIN_ROOT);
    const struct dirent *entry;

    if (!folders)
        return;
    while ((entry = readdir(folders)))
        if (entry->d_name[0] != '.')
            remove_if_dead(entry->d_name);
    closedir(folders);
    rmdir(PIN_ROOT); /* fails while there are others */
}

static int pin(const struct pins *pins, const char *name, const struct bpf_map *map)
{
    char path[sizeof(pins->path) + 16];

    snprintf(path, sizeof(path), "%s/%s", pins->path, name);
    return bpf_obj_pin(bpf_map__fd(map), path);
}

int pins_make(struct pins *pins, const char *interface, int is_second,
              const struct sensor_bpf *skeleton)
{
    const struct bpf_map *maps[NAME_COUNT] = {
        skeleton->maps.counters,    skeleton->maps.events, skeleton->maps.missed,
        skeleton->maps.missed_full, skeleton->maps.bss,
    };

    if (!has_file_system() || claim(pins, interface, is_second) < 0)
        return -1;
    remove_all(pins->directory);
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
    remove_all(pins->directory);
    rmdir(pins->path);
    rmdir(PIN_ROOT); /* fails while there are others */
    close(pins->directory);
    pins->directory = -1;
}
