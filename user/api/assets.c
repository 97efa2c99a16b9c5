/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/assets.h"

#include <string.h>

#include "api/version.h"

/* clang-format off */
/*      symbol   file in page/, and NAME.gz   path                    Content-Type */
#define ASSET_TABLE(ROW)                                                              \
    ROW(index,   "index.html",                "/",                    "text/html; charset=utf-8") \
    ROW(openapi, "openapi.json",              "/api/v1/openapi.json", TYPE_JSON)
/* clang-format on */

/* The assembler finds the files: SYMBOL_start and SYMBOL_end enclose one, both as it is and
 * compressed. */
#define EMBED(symbol, file)                                                                        \
    __asm__(".pushsection .rodata\n"                                                               \
            "asset_" #symbol "_start: .incbin \"" file "\"\n"                                      \
            "asset_" #symbol "_end:\n"                                                             \
            "asset_" #symbol "_gz_start: .incbin \"" file ".gz\"\n"                                \
            "asset_" #symbol "_gz_end:\n"                                                          \
            ".popsection\n");                                                                      \
    extern const char asset_##symbol##_start[], asset_##symbol##_end[];                            \
    extern const char asset_##symbol##_gz_start[], asset_##symbol##_gz_end[];

#define ROW(symbol, file, path, type) EMBED(symbol, file)
ASSET_TABLE(ROW)
#undef ROW

static const struct asset {
    const char *path;
    const char *type;
    const char *start, *end;
    const char *gzipped_start, *gzipped_end;
} assets[] = {
#define ROW(symbol, file, path, type)                                                              \
    {path,                                                                                         \
     type,                                                                                         \
     asset_##symbol##_start,                                                                       \
     asset_##symbol##_end,                                                                         \
     asset_##symbol##_gz_start,                                                                    \
     asset_##symbol##_gz_end},
    ASSET_TABLE(ROW)
#undef ROW
};

int asset_answer(const char *path, struct answer *answer)
{
    for (size_t i = 0; i < sizeof(assets) / sizeof(assets[0]); i++) {
        const struct asset *asset = &assets[i];

        if (strcmp(asset->path, path) != 0)
            continue;
        answer->type = asset->type;
        answer->body = asset->start;
        answer->size = (size_t)(asset->end - asset->start);
        answer->gzipped = asset->gzipped_start;
        answer->gzipped_size = (size_t)(asset->gzipped_end - asset->gzipped_start);
        answer->version = content_number(answer->body, answer->size);
        return 0;
    }
    return -1;
}
