/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The sensor's maps, pinned under /sys/fs/bpf/gapwatch/IFACE/ for bpftool. */
#ifndef GAPWATCH_SOURCE_BPF_PINS_H
#define GAPWATCH_SOURCE_BPF_PINS_H

struct sensor_bpf;

struct pins {
    int directory; /* locked while the sensor lives; -1: nothing is pinned */
    char path[96];
};

/* Makes PINS empty. */
void pins_init(struct pins *pins);

/*
 * Pins the maps of SKELETON for INTERFACE. A dot in its name, which the BPF file system reserves,
 * becomes an underscore. Pins of a dead sensor are replaced, those of a living one stay. If the
 * living one is in another network namespace (IS_SECOND is 0: none in this one watches INTERFACE),
 * the directory is INTERFACE@NUMBER, with the kernel's number of this namespace. Returns 0, or -1
 * when nothing is pinned, which the sensor does not need.
 */
int pins_make(struct pins *pins, const char *interface, int is_second,
              const struct sensor_bpf *skeleton);

/* Removes the pins of all dead sensors, as far as permissions allow. */
void pins_remove_dead(void);

/* Removes the pins, and their directory where that is allowed. */
void pins_release(struct pins *pins);

#endif
