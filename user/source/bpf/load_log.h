/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What libbpf and the kernel's verifier say when a program is refused. */
#ifndef GAPWATCH_SOURCE_BPF_LOAD_LOG_H
#define GAPWATCH_SOURCE_BPF_LOAD_LOG_H

#include "base/error.h"

/* From now on libbpf prints nothing; the end of the verifier's last log is kept. */
void load_log_begin(void);

/* Whether there is one. */
int load_log_is_there(void);

/* Adds it to ERROR, which is set, and forgets it. */
void load_log_take(struct error *error);

#endif
