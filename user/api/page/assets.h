/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The files of the dashboard and openapi.json, which the build embeds in the module. */
#ifndef GAPWATCH_API_PAGE_ASSETS_H
#define GAPWATCH_API_PAGE_ASSETS_H

#include "api/answer/answer.h"

/* Answers with the file at PATH. Returns 0, or -1 with ANSWER unchanged: there is no such file. */
int asset_answer(const char *path, struct answer *answer);

#endif
