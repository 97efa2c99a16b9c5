/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the BPF programs have counted. sensor_statistics() (sensor.h) tells it. */
#ifndef GAPWATCH_SOURCE_BPF_COUNTERS_H
#define GAPWATCH_SOURCE_BPF_COUNTERS_H

#include "source/bpf/sensor.h"

/* Makes room for the counters of all processors, which sensor_close() frees. Returns OPEN_DONE, or
 * OPEN_FAILED with ERROR set. */
enum open_status sensor_make_counters(struct sensor *sensor, struct error *error);

#endif
