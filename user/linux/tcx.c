/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "linux/tcx.h"

#include <bpf/bpf.h>
#include <errno.h>

enum tcx_support tcx_support(unsigned index)
{
    LIBBPF_OPTS(bpf_prog_query_opts, options);

    if (bpf_prog_query_opts((int)index, TCX_INGRESS, &options) == 0)
        return TCX_YES;
    return errno == EINVAL ? TCX_NO : TCX_UNKNOWN;
}
