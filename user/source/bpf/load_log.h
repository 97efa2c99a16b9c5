/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The log of the kernel's verifier, which libbpf gives when a program is refused. */
#ifndef GAPWATCH_SOURCE_BPF_LOAD_LOG_H
#define GAPWATCH_SOURCE_BPF_LOAD_LOG_H

#include "base/error.h"

/* From now on libbpf prints nothing, and the end of the verifier's last log is kept. */
void load_log_begin(void);

/* Whether a log was kept. */
int load_log_is_there(void);

/* Moves the log to the detail of ERROR, whose text is set. */
void load_log_take(struct error *error);

#endif
