/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Kore's headers; their order matters. */
#ifndef GAPWATCH_API_HTTP_KORE_H
#define GAPWATCH_API_HTTP_KORE_H

#include <kore/kore.h>

#include <kore/http.h>
#include <kore/seccomp.h>

/* Marks functions that Kore looks up by name. */
#define KORE_HOOK __attribute__((visibility("default")))

#endif
