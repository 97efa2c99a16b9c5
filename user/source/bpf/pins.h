/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The sensor's maps under /sys/fs/bpf/gapwatch/IFACE/, where bpftool can read them. */
#ifndef GAPWATCH_SOURCE_BPF_PINS_H
#define GAPWATCH_SOURCE_BPF_PINS_H

struct sensor_bpf;

struct pins {
    int directory; /* locked while the sensor lives; -1: nothing is pinned */
    char path[96];
};

void pins_init(struct pins *pins);

/*
 * Pins the maps of SKELETON for INTERFACE; a dot in its name, which the BPF file system reserves,
 * becomes an underscore. Pins of a dead sensor are taken over, those of a living one are left
 * alone. Where that one is of another network namespace (IS_SECOND is 0: there is none in this),
 * the folder is INTERFACE@NUMBER, with the number that the kernel gives this namespace. Without a
 * BPF file system, nothing is pinned: the sensor does not depend on it. Returns 0, or -1: nothing
 * is pinned.
 */
int pins_make(struct pins *pins, const char *interface, int is_second,
              const struct sensor_bpf *skeleton);

/* Removes the pins of all sensors that have died, as far as we may. */
void pins_remove_dead(void);

/* Removes the pins that were made, and their folder where that is still allowed. */
void pins_release(struct pins *pins);

#endif
