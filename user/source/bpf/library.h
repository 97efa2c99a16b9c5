/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The library that loads BPF programs. */
#ifndef GAPWATCH_SOURCE_BPF_LIBRARY_H
#define GAPWATCH_SOURCE_BPF_LIBRARY_H

/* The version of libbpf that the program runs with ("1.1"). */
const char *bpf_library_version(void);

#endif
