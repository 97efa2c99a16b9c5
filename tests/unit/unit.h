/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* cmocka, and the headers that it needs before it. */
#ifndef GAPWATCH_TESTS_UNIT_H
#define GAPWATCH_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
