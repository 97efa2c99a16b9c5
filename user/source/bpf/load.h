/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Loads the BPF programs of a sensor into the kernel. */
#ifndef GAPWATCH_SOURCE_BPF_LOAD_H
#define GAPWATCH_SOURCE_BPF_LOAD_H

#include "source/bpf/sensor.h"

/* Opens the BPF object, configures it for SENSOR, whose hook, options, link type and ports are set,
 * and loads it. Sets SENSOR's skeleton, which the caller destroys, also after a failure. Returns as
 * source_ops.open() does, with ERROR set unless it is OPEN_DONE. */
enum open_status sensor_load(struct sensor *sensor, struct error *error);

/* Sets ERROR to "cannot WHAT: " and the text of the errno REASON. Returns OPEN_FAILED. */
enum open_status sensor_failed(struct error *error, const char *what, int reason);

#endif
