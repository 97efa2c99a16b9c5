/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/follow.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/monotonic.h"
#include "source/file/survey.h"

/* How often the directory is looked at. */
#define LOOK_EVERY_NS (NS_PER_SECOND / 4)

/* The first frame of the next file may be older than the last one of this file by so much: frames
 * of several processors are not quite in order. */
#define OVERLAP_NS (NS_PER_SECOND / 20)

/* A number in the middle of a name has at least as many digits: a time, or a padded count. */
#define DIGITS_MIN 2

static size_t digits_at(const char *text)
{
    size_t count = 0;

    while (isdigit((unsigned char)text[count]))
        count++;
    return count;
}

/* Whether the numbers at the beginning of A and B, of so many digits, may be different. Numbers at
 * the end of a name may be missing. */
static int may_differ(const char *a, size_t a_digits, const char *b, size_t b_digits)
{
    if (!a[a_digits] && !b[b_digits])
        return 1;
    return a_digits == b_digits && a_digits >= DIGITS_MIN;
}

int follow_is_family(const char *name, const char *of)
{
    while (*name || *of) {
        size_t name_digits = digits_at(name), of_digits = digits_at(of);

        if (!name_digits && !of_digits) {
            if (*name != *of)
                return 0;
            name++;
            of++;
            continue;
        }
        if ((name_digits != of_digits || memcmp(name, of, of_digits) != 0) &&
            !may_differ(name, name_digits, of, of_digits))
            return 0;
        name += name_digits;
        of += of_digits;
    }
    return 1;
}

void follow_begin(struct follow *follow, int fd)
{
    struct stat status;
    ssize_t got = pread(fd, follow->head, sizeof(follow->head), 0);

    follow->head_octets = got > 0 ? (size_t)got : 0;
    if (fstat(fd, &status) == 0) {
        follow->device = (uint64_t)status.st_dev;
        follow->inode = (uint64_t)status.st_ino;
    }
}

/* Whether the file at PATH is another one than that which was opened as FD, or begins anew. */
static int has_begun_anew(struct follow *follow, const char *path, int fd, uint64_t octets)
{
    unsigned char head[FOLLOW_HEAD_OCTETS];
    struct stat status;

    if (stat(path, &status) < 0)
        return 0; /* it may come back */
    if ((uint64_t)status.st_dev != follow->device || (uint64_t)status.st_ino != follow->inode)
        return status.st_size > 0;
    if ((uint64_t)status.st_size < octets)
        return 1;
    if (pread(fd, head, sizeof(head), 0) < (ssize_t)follow->head_octets)
        return 0;
    if (memcmp(head, follow->head, follow->head_octets) != 0)
        return 1;
    if (follow->head_octets < sizeof(head))
        follow_begin(follow, fd); /* there is more of it now */
    return 0;
}

/* A candidate for the next file. */
struct candidate {
    char *path; /* NULL: there is none */
    uint64_t first_ns;
};

/* Looks at PATH, and makes it the CANDIDATE if it is the earliest so far of those that may come
 * after a file whose last frame was at LAST_NS. */
static void consider(struct candidate *candidate, const char *path, uint64_t last_ns,
                     struct link_cache *links)
{
    struct survey survey;
    struct error ignored;
    char *copy;

    if (survey_file(&survey, path, links, &ignored) != OPEN_DONE)
        return;
    if (survey.first_ns != UINT64_MAX && survey.first_ns + OVERLAP_NS >= last_ns &&
        (!candidate->path || survey.first_ns < candidate->first_ns) && (copy = strdup(path))) {
        free(candidate->path);
        *candidate = (struct candidate){.path = copy, .first_ns = survey.first_ns};
    }
    survey_release(&survey);
}

/* Whether the file PATH was written to after, or when, the one with NEWEST was, and is not it. */
static int is_newer(const char *path, const struct stat *newest)
{
    struct stat status;

    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode))
        return 0;
    if (status.st_dev == newest->st_dev && status.st_ino == newest->st_ino)
        return 0;
    return status.st_mtime >= newest->st_mtime;
}

/* Looks for the file that follows PATH, which is open as FD. Returns its path, which the caller
 * frees, or NULL. */
static char *find_successor(const char *path, int fd, uint64_t last_ns, struct link_cache *links)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t folder = (size_t)(name - path);
    struct candidate candidate = {0};
    struct stat present;
    struct dirent *entry;
    char *other = malloc(folder + 2);
    DIR *directory;

    if (!other || fstat(fd, &present) < 0) {
        free(other);
        return NULL;
    }
    snprintf(other, folder + 2, "%.*s", folder ? (int)folder : 1, folder ? path : ".");
    directory = opendir(other);
    free(other);
    while (directory && (entry = readdir(directory))) {
        size_t length = folder + strlen(entry->d_name) + 1;

        if (!follow_is_family(entry->d_name, name) || !(other = malloc(length)))
            continue;
        snprintf(other, length, "%.*s%s", (int)folder, path, entry->d_name);
        if (is_newer(other, &present))
            consider(&candidate, other, last_ns, links);
        free(other);
    }
    if (directory)
        closedir(directory);
    return candidate.path;
}

enum follow_state follow_look(struct follow *follow, const char *path, int fd, uint64_t octets,
                              uint64_t last_ns, struct link_cache *links)
{
    uint64_t now_ns = monotonic_ns();

    if (follow->successor) {
        follow->next = follow->successor;
        follow->successor = NULL;
        return FOLLOW_NEXT_FILE;
    }
    if (has_begun_anew(follow, path, fd, octets)) {
        follow->next = strdup(path);
        return follow->next ? FOLLOW_NEXT_FILE : FOLLOW_SAME;
    }
    if (now_ns - follow->looked_ns < LOOK_EVERY_NS)
        return FOLLOW_SAME;
    follow->looked_ns = now_ns;
    follow->successor = find_successor(path, fd, last_ns, links);
    return follow->successor ? FOLLOW_READ_ON : FOLLOW_SAME;
}

const char *follow_next(struct follow *follow)
{
    free(follow->path);
    follow->path = follow->next;
    follow->next = NULL;
    return follow->path;
}

void follow_release(struct follow *follow)
{
    free(follow->path);
    free(follow->next);
    free(follow->successor);
    *follow = (struct follow){0};
}
