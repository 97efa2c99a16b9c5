/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/object.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "source/bpf/sensor.h"

#include "sensor_plain.skel.h"

/* Whether this kernel has the functions that the BPF programs call. */
static int has_kfuncs(void)
{
    unsigned major = 0, minor = 0;
    struct utsname system;

    if (uname(&system) < 0 || sscanf(system.release, "%u.%u", &major, &minor) != 2)
        return 0;
    return major > 6 || (major == 6 && minor >= 3);
}

struct sensor_bpf *object_open(void)
{
    struct sensor_bpf *skeleton = calloc(1, sizeof(*skeleton));
    struct bpf_object_skeleton *object;

    if (!skeleton || sensor_bpf__create_skeleton(skeleton) < 0) {
        free(skeleton);
        errno = ENOMEM;
        return NULL;
    }
    object = skeleton->skeleton;
    if (!has_kfuncs())
        object->data = (void *)sensor_plain_bpf__elf_bytes(&object->data_sz);
    if (bpf_object__open_skeleton(object, NULL) == 0)
        return skeleton;
    sensor_bpf__destroy(skeleton);
    return NULL;
}
