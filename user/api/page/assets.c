/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/page/assets.h"

#include <string.h>

#include "api/database/version.h"

#define TYPE_HTML   "text/html; charset=utf-8"
#define TYPE_CSS    "text/css; charset=utf-8"
#define TYPE_SCRIPT "text/javascript; charset=utf-8"
#define TYPE_SVG    "image/svg+xml"
#define TYPE_TEXT   "text/plain; charset=utf-8"

/* clang-format off */
/*      symbol         file in page/, and NAME.gz   path                    Content-Type */
#define ASSET_TABLE(ROW) \
    ROW(index,         "index.html",          "/",                      TYPE_HTML) \
    ROW(style,         "style.css",           "/style.css",             TYPE_CSS) \
    ROW(parts,         "parts.css",           "/parts.css",             TYPE_CSS) \
    ROW(flow_style,    "flow.css",            "/flow.css",              TYPE_CSS) \
    ROW(small,         "small.css",           "/small.css",             TYPE_CSS) \
    ROW(icon,          "icon.svg",            "/icon.svg",              TYPE_SVG) \
    ROW(address,       "address.js",          "/address.js",            TYPE_SCRIPT) \
    ROW(app,           "app.js",              "/app.js",                TYPE_SCRIPT) \
    ROW(captures,      "captures.js",         "/captures.js",           TYPE_SCRIPT) \
    ROW(charts,        "charts.js",           "/charts.js",             TYPE_SCRIPT) \
    ROW(compared,      "compared.js",         "/compared.js",           TYPE_SCRIPT) \
    ROW(element,       "element.js",          "/element.js",            TYPE_SCRIPT) \
    ROW(flow,          "flow.js",             "/flow.js",               TYPE_SCRIPT) \
    ROW(flows,         "flows.js",            "/flows.js",              TYPE_SCRIPT) \
    ROW(format,        "format.js",           "/format.js",             TYPE_SCRIPT) \
    ROW(intervals,     "intervals.js",        "/intervals.js",          TYPE_SCRIPT) \
    ROW(lately,        "lately.js",           "/lately.js",             TYPE_SCRIPT) \
    ROW(lineage,       "lineage.js",          "/lineage.js",            TYPE_SCRIPT) \
    ROW(overview,      "overview.js",         "/overview.js",           TYPE_SCRIPT) \
    ROW(pager,         "pager.js",            "/pager.js",              TYPE_SCRIPT) \
    ROW(peers,         "peers.js",            "/peers.js",              TYPE_SCRIPT) \
    ROW(protocols,     "protocols.js",        "/protocols.js",          TYPE_SCRIPT) \
    ROW(server,        "server.js",           "/server.js",             TYPE_SCRIPT) \
    ROW(severity,      "severity.js",         "/severity.js",           TYPE_SCRIPT) \
    ROW(status,        "status.js",           "/status.js",             TYPE_SCRIPT) \
    ROW(tabs,          "tabs.js",             "/tabs.js",               TYPE_SCRIPT) \
    ROW(table,         "table.js",            "/table.js",              TYPE_SCRIPT) \
    ROW(dygraph,       "dygraph.js",          "/dygraph.js",            TYPE_SCRIPT) \
    ROW(dygraph_style, "dygraph.css",         "/dygraph.css",           TYPE_CSS) \
    ROW(licenses,      "dygraph-license.txt", "/dygraph-license.txt",   TYPE_TEXT) \
    ROW(openapi,       "openapi.json",        "/api/v1/openapi.json",   TYPE_JSON)
/* clang-format on */

/* Embeds FILE and its compressed form, between the symbols _start and _end. */
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
