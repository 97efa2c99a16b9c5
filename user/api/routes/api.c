/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/api.h"

#include <string.h>

#include "api/page/assets.h"
#include "api/routes/flows/search.h"
#include "api/routes/flows/sums.h"
#include "api/routes/request/budget.h"
#include "api/routes/request/percent.h"
#include "base/monotonic.h"

#define FLOW_ID_MARK   "{flow_id}"
#define URL_CHARS      2048 /* longer than any URL that head_check() accepts */
#define BEGIN_ATTEMPTS 3    /* when the database is replaced while it is read */

struct route {
    const char *path;
    void (*answer)(struct call *call);
    uint32_t parameters; /* that the route accepts */
    int needs_database;
    int is_of_now; /* its answer changes even if the database does not, and its queries get the
                      whole time (budget.h) */
};

#define OF_NOW 2 /* in the table of routes */

static const struct route routes[] = {
#define ROUTE(path, answer, parameters, needs_database, schema, summary)                           \
    {path, answer, parameters, (needs_database) != 0, (needs_database) == OF_NOW},
#include "api/routes/routes.def"
};

#define ROUTE_COUNT (sizeof(routes) / sizeof(routes[0]))

/* Adds the functions that queries use to a newly opened database. Returns SQLite's result code. */
static int add_functions(sqlite3 *handle)
{
    int result = search_register(handle);

    return result == SQLITE_OK ? sums_register(handle) : result;
}

void api_init(struct api *api, const char *path, int64_t metrics_top)
{
    *api = (struct api){0};
    reader_init(&api->reader, path);
    api->reader.prepare = add_functions;
    api->metrics_top = metrics_top;
}

void api_release(struct api *api)
{
    reader_release(&api->reader);
    worst_release(&api->worst);
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

/* The version of an answer, for its ETag. That of an answer about a time before now changes every
 * second. */
static uint64_t version_of(const struct call *call)
{
    struct {
        uint64_t running;
        char since[PARAMETER_CHARS];
        char until[PARAMETER_CHARS];
    } content;

    if (!call->parameters->is_relative)
        return running_number(call->running);
    memset(&content, 0, sizeof(content));
    content.running = running_number(call->running);
    strcpy(content.since, call->parameters->since);
    strcpy(content.until, call->parameters->until);
    return content_number(&content, sizeof(content));
}

/* Answers from one snapshot of the database. Returns 0, or -1 with ERROR set. */
static int answer_from_database(struct api *api, const struct route *route, struct call *call,
                                uint64_t deadline_ns, struct error *error)
{
    if (reader_begin(call->reader, deadline_ns, error) < 0)
        return -1;
    running_read(&api->running, call->reader);
    route->answer(call);
    call->answer->version = route->is_of_now ? 0 : version_of(call);
    return reader_end(call->reader, error);
}

/* Answers from the cache. Returns whether the answer was there: since it was made, the database has
 * not changed, and no capture has stopped running. */
static int answer_as_before(struct api *api, const char *url, struct answer *answer)
{
    struct version version;

    return version_read(api->reader.path, &version) == 0 &&
           running_is_current(&api->running, &version) &&
           answer_cache_find(&api->kept, url, running_number(&api->running), answer) == 0;
}

/* Reads the database, again when it was replaced meanwhile. */
static void answer_within(struct api *api, const struct route *route, struct call *call,
                          uint64_t deadline_ns)
{
    struct error error;
    int status = -1;

    for (int i = 0; i < BEGIN_ATTEMPTS && status < 0 && !reader_is_late(call->reader); i++)
        status = answer_from_database(api, route, call, deadline_ns, &error);
    if (status == 0)
        return;
    if (reader_is_late(call->reader))
        answer_error(call->answer, HTTP_UNAVAILABLE, "%s", budget_words(&api->budget));
    else
        answer_error(call->answer, HTTP_UNAVAILABLE, "%s", error.text);
}

static void answer_route(struct api *api, const struct route *route, struct call *call,
                         const char *url)
{
    int is_kept = !call->parameters->is_relative && !route->is_of_now;
    uint64_t began_ns = monotonic_ns();

    call->reader = &api->reader;
    call->running = &api->running;
    call->worst = &api->worst;
    call->metrics_top = api->metrics_top;
    if (!route->needs_database) {
        route->answer(call);
        return;
    }
    if (is_kept && answer_as_before(api, url, call->answer))
        return;
    api->reader.result = SQLITE_OK;
    answer_within(api, route, call,
                  began_ns + budget_length(&api->budget, began_ns, route->is_of_now));
    budget_spend(&api->budget, began_ns, monotonic_ns());
    if (is_kept && call->answer->status == HTTP_OK)
        answer_cache_add(&api->kept, url, call->answer);
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

    snprintf(url, sizeof(url), "%s %s?%s", answer->takes_csv ? "csv" : "", path,
             query ? query : "");
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
