/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/bpf/library.h"

#include <bpf/libbpf.h>

const char *bpf_library_version(void)
{
    return libbpf_version_string() + 1; /* without the letter v */
}
