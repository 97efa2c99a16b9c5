/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/rows.h"
void answer_metrics(struct call *call)
{
    answer_error(call->answer, HTTP_NOT_FOUND, "soon");
}
