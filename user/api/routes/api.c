/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/api.h"

#include <string.h>

#include "api/http/percent.h"
#include "api/page/assets.h"

#define FLOW_ID_MARK   "{flow_id}"
#define URL_CHARS      2048 /* longer than any URL that head_check() accepts */
#define BEGIN_ATTEMPTS 3    /* when the database is replaced while it is read */

struct route {
    const char *path;
    void (*answer)(struct call *call);
    uint32_t parameters; /* that the route accepts */
    int needs_database;
};

static const struct route routes[] = {
#define ROUTE(path, answer, parameters, needs_database, schema, summary)                           \
    {path, answer, parameters, needs_database},
#include "api/routes/routes.def"
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

void api_init(struct api *api, const char *path, int64_t metrics_top)
{
    *api = (struct api){0};
    reader_init(&api->reader, path);
    api->metrics_top = metrics_top;
}

void api_release(struct api *api)
{
    reader_release(&api->reader);
    answer_cache_release(&api->kept);
}

/* Whether PATH matches ROUTE. Sets NAME to the flow id in PATH. */
static int route_matches(const struct route *route, const char *path, const char **name,
                         size_t *name_length)
{
    const char *mark = strstr(route->path, FLOW_ID_MARK);
    size_t before;

    if (!mark)
        return strcmp(route->path, path) == 0;
    before = (size_t)(mark - route->path);
    if (strncmp(route->path, path, before) != 0)
        return 0;
    *name = path + before;
    *name_length = strcspn(*name, "/");
    return *name_length && strcmp(*name + *name_length, mark + strlen(FLOW_ID_MARK)) == 0;
}

/* Answers from one snapshot of the database. Returns 0, or -1 with ERROR set. */
static int answer_from_database(const struct route *route, struct call *call, struct error *error)
{
    if (reader_begin(call->reader, error) < 0)
        return -1;
    route->answer(call);
    call->answer->version = version_number(&call->reader->version);
    return reader_end(call->reader, error);
}

/* Answers from the cache. Returns whether the same URL was answered since the last change of the
 * database. */
static int answer_as_before(struct api *api, const char *url, struct answer *answer)
{
    struct version version;

    return version_read(api->reader.path, &version) == 0 &&
           answer_cache_find(&api->kept, url, version_number(&version), answer) == 0;
}

static void answer_route(struct api *api, const struct route *route, struct call *call,
                         const char *url)
{
    struct error error;

    call->reader = &api->reader;
    call->metrics_top = api->metrics_top;
    if (!route->needs_database) {
        route->answer(call);
        return;
    }
    if (answer_as_before(api, url, call->answer))
        return;
    for (int i = 0; i < BEGIN_ATTEMPTS; i++)
        if (answer_from_database(route, call, &error) == 0) {
            answer_cache_add(&api->kept, url, call->answer);
            return;
        }
    answer_error(call->answer, HTTP_UNAVAILABLE, "%s", error.text);
}

void api_answer(struct api *api, const char *path, const char *query, struct answer *answer)
{
    char flow_name[FLOW_ID_CHARS] = "";
    struct parameters parameters;
    struct call call = {.parameters = &parameters, .flow_name = flow_name, .answer = answer};
    const char *name = NULL;
    size_t name_length = 0, i = 0;
    char url[URL_CHARS];
    struct error error;

    snprintf(url, sizeof(url), "%s?%s", path, query ? query : "");
    while (i < ROUTE_COUNT && !route_matches(&routes[i], path, &name, &name_length))
        i++;
    if (i == ROUTE_COUNT) {
        if (asset_answer(path, answer) < 0)
            answer_error(answer, HTTP_NOT_FOUND, "there is nothing at this path");
        return;
    }
    if (name && percent_decode(name, name_length, '+', flow_name, sizeof(flow_name)) < 0)
        answer_error(answer, HTTP_BAD_REQUEST, "flow_id is too long or wrongly encoded");
    else if (parameters_parse(&parameters, query, routes[i].parameters, &error) < 0)
        answer_error(answer, HTTP_BAD_REQUEST, "%s", error.text);
    else
        answer_route(api, &routes[i], &call, url);
}
