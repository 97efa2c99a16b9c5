/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Which of the two BPF objects is loaded. */
#ifndef GAPWATCH_SOURCE_BPF_OBJECT_H
#define GAPWATCH_SOURCE_BPF_OBJECT_H

struct sensor_bpf;

/* Opens the object for this kernel. Both have the same programs, maps and variables, so they share
 * a skeleton. Returns what sensor_bpf__destroy() frees, or NULL with errno set. */
struct sensor_bpf *object_open(void);

#endif
