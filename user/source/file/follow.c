/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/follow.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/monotonic.h"
#include "source/file/family.h"
#include "source/file/survey.h"

/* How often the directory is looked at. */
#define LOOK_EVERY_NS (NS_PER_SECOND / 4)

#define WAIT_NS 50000000

/* How much older than the last frame of this file the first one of the next may be: frames of
 * several processors are not quite in order. */
#define OVERLAP_NS (NS_PER_SECOND / 20)

/* Returns 0 to go on, or 1 to stop. */
typedef int visitor(void *context, const char *path, const char *name);

/* How many octets of PATH are its directory, with the slash. */
static size_t folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? (size_t)(slash + 1 - path) : 0;
}

static DIR *open_folder(const char *path)
{
    size_t folder = folder_of(path);
    char *name = folder ? strndup(path, folder) : strdup(".");
    DIR *directory = name ? opendir(name) : NULL;

    free(name);
    return directory;
}

/* Calls VISIT with CONTEXT for each file in the directory of PATH that may be of the same writer.
 * Returns whether one call returned 1. */
static int visit_family(const char *path, visitor *visit, void *context)
{
    size_t folder = folder_of(path);
    DIR *directory = open_folder(path);
    struct dirent *entry;
    int is_enough = 0;

    while (directory && !is_enough && (entry = readdir(directory))) {
        size_t length = folder + strlen(entry->d_name) + 1;
        char *other = family_has(entry->d_name, path + folder) ? malloc(length) : NULL;

        if (!other)
            continue;
        snprintf(other, length, "%.*s%s", (int)folder, path, entry->d_name);
        is_enough = visit(context, other, entry->d_name);
        free(other);
    }
    if (directory)
        closedir(directory);
    return is_enough;
}

/* The time of the first frame of PATH; UINT64_MAX: it has none, or is no capture file. */
static uint64_t first_frame(const char *path, struct link_cache *links)
{
    struct survey survey;
    struct error ignored;
    uint64_t first_ns;

    if (survey_file(&survey, path, links, NULL, &ignored) != OPEN_DONE)
        return UINT64_MAX;
    first_ns = survey.first_ns;
    survey_release(&survey);
    return first_ns;
}

/* --- files that wait --- */

/* Looking for files that come after a present one. */
struct looking {
    struct follow *follow;
    struct stat present;
    int is_open;  /* `present` is set */
    int is_stale; /* its writer began the same file anew, so the next file may have the same name */
    uint64_t last_ns;
    int64_t number; /* of the present file's name, if dumpcap made it; else -1 */
    struct link_cache *links;
};

/* Whether PATH is another file than the present one, and was not modified before it. */
static int is_newer(const struct looking *looking, const char *path)
{
    const struct stat *present = &looking->present;
    struct stat status;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return 0;
    if (!looking->is_open)
        return 1;
    if (status.st_dev == present->st_dev && status.st_ino == present->st_ino)
        return looking->is_stale;
    return status.st_mtime >= present->st_mtime;
}

/* Adds PATH to the files that wait. Without memory, it is found again later. */
static void add_waiting(struct follow *follow, const char *path, uint64_t first_ns, uint64_t place)
{
    struct waiting_file *waiting =
        realloc(follow->waiting, (follow->count + 1) * sizeof(*follow->waiting));
    char *copy = strdup(path);
    size_t at = follow->count;

    if (waiting)
        follow->waiting = waiting;
    if (!waiting || !copy) {
        free(copy);
        return;
    }
    for (; at && waiting[at - 1].place > place; at--)
        waiting[at] = waiting[at - 1];
    waiting[at] = (struct waiting_file){.path = copy, .first_ns = first_ns, .place = place};
    follow->count++;
}

/* Notes that the file whose first frame is at FIRST_NS has been taken. */
static void add_recent(struct follow *follow, uint64_t first_ns)
{
    follow->recent[follow->read++ % FOLLOW_RECENT] = first_ns;
}

static int is_recent(const struct follow *follow, uint64_t first_ns)
{
    for (size_t i = 0; i < follow->read && i < FOLLOW_RECENT; i++)
        if (follow->recent[i] == first_ns)
            return 1;
    return 0;
}

/* The place of the file NAME, whose first frame is at FIRST_NS, among the files that come after the
 * present one; 0: it does not come after it. dumpcap numbers its files; those of several
 * interfaces are not in the order of time, so their numbers decide. */
static uint64_t place_of(const struct looking *looking, const char *name, uint64_t first_ns)
{
    int64_t number = looking->number < 0 ? -1 : family_dumpcap_number(name);
    uint64_t ahead;

    if (number < 0)
        return first_ns + OVERLAP_NS >= looking->last_ns && !is_recent(looking->follow, first_ns)
                   ? first_ns + 1
                   : 0;
    ahead = (uint64_t)(number - looking->number + DUMPCAP_NUMBERS) % DUMPCAP_NUMBERS;
    return ahead < DUMPCAP_NUMBERS / 2 ? ahead : 0;
}

static int consider(void *context, const char *path, const char *name)
{
    struct looking *looking = context;
    uint64_t first_ns, place;

    if (!is_newer(looking, path))
        return 0;
    first_ns = first_frame(path, looking->links);
    place = first_ns == UINT64_MAX ? 0 : place_of(looking, name, first_ns);
    if (place)
        add_waiting(looking->follow, path, first_ns, place);
    return 0;
}

int follow_look(struct follow *follow, const char *path, const struct input *input,
                uint64_t last_ns, struct link_cache *links)
{
    struct looking looking = {
        .follow = follow,
        .is_stale = input->is_stale,
        .last_ns = last_ns,
        .number = family_dumpcap_number(path + folder_of(path)),
        .links = links,
    };
    uint64_t now_ns = monotonic_ns();

    if (!follow->count && now_ns - follow->looked_ns >= LOOK_EVERY_NS) {
        follow->looked_ns = now_ns;
        looking.is_open = input->fd >= 0 && fstat(input->fd, &looking.present) == 0;
        visit_family(path, consider, &looking);
    }
    return follow->count > 0;
}

/* --- files that were missed --- */

/* Whether files between two others are missing. */
struct succession {
    int64_t from;
    int64_t to;
    int64_t empty; /* files between them that have no frame yet */
    struct link_cache *links;
};

/* Counts the file at PATH if its number comes before that of the next file. Returns 1 if it has
 * frames, which shows that other files with such numbers existed before. */
static int check_place(void *context, const char *path, const char *name)
{
    struct succession *succession = context;
    int64_t number = family_number(name);
    int is_round = succession->to < succession->from; /* a ring begins anew */

    if (is_round ? number <= succession->from && number >= succession->to
                 : number <= succession->from || number >= succession->to)
        return 0;
    if (first_frame(path, succession->links) != UINT64_MAX)
        return 1;
    succession->empty++;
    return 0;
}

/* Whether there were files between PATH and NEXT, by their numbers. In a ring, the lowest follows
 * the highest. */
static int skips(const char *path, const char *next, struct link_cache *links)
{
    struct succession succession = {
        .from = family_number(path + folder_of(path)),
        .to = family_number(next + folder_of(next)),
        .links = links,
    };

    if (succession.from < 0 || succession.to < 0 || succession.from == succession.to ||
        succession.from + 1 == succession.to)
        return 0;
    if (visit_family(path, check_place, &succession))
        return 1;
    return succession.to > succession.from &&
           succession.to - succession.from - 1 != succession.empty;
}

void follow_wait(void)
{
    struct timespec pause = {.tv_nsec = WAIT_NS};

    nanosleep(&pause, NULL);
}

void follow_miss(struct follow *follow, const char *path)
{
    if (!follow->missed++)
        follow->first_missed = strdup(path);
}

const char *follow_next(struct follow *follow, const char *path, uint64_t first_ns,
                        struct link_cache *links)
{
    add_recent(follow, first_ns);
    while (follow->count) {
        struct waiting_file first = follow->waiting[0];

        follow->count--;
        memmove(follow->waiting, follow->waiting + 1, follow->count * sizeof(*follow->waiting));
        if (first_frame(first.path, links) != first.first_ns) {
            follow_miss(follow, first.path);
            free(first.path);
            continue;
        }
        if (skips(path, first.path, links))
            follow_miss(follow, first.path);
        add_recent(follow, first.first_ns);
        free(follow->former);
        follow->former = follow->path;
        follow->path = first.path;
        return follow->path;
    }
    return NULL;
}

void follow_release(struct follow *follow)
{
    while (follow->count)
        free(follow->waiting[--follow->count].path);
    free(follow->waiting);
    free(follow->path);
    free(follow->former);
    free(follow->first_missed);
    *follow = (struct follow){0};
}
