/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "report/progress.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/units.h"

#define REDRAW_SECONDS   0.2
#define BAR_CHARS        30
#define SECONDS_PER_HOUR 3600
#define LINE_WIPE        "\r\033[K"

static double now_seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / (double)NS_PER_SECOND;
}

void progress_begin(struct progress *progress, FILE *to, uint64_t size, int is_quiet)
{
    double now = now_seconds();

    *progress = (struct progress){.size = size, .started = now, .shown = now};
    if (!is_quiet && isatty(fileno(to)))
        progress->to = to;
}

static void draw_bar(const struct progress *progress, double share, double elapsed)
{
    char bar[BAR_CHARS + 1];
    int done = (int)(share * BAR_CHARS);
    unsigned left = share > 0 ? (unsigned)(elapsed * (1 - share) / share) : 0;

    memset(bar, '.', BAR_CHARS);
    memset(bar, '#', (size_t)done);
    bar[BAR_CHARS] = '\0';
    fprintf(progress->to, "[%s] %3.0f%%", bar, share * 100);
    if (left >= SECONDS_PER_HOUR)
        fprintf(progress->to, ", %u:%02u:%02u left", left / SECONDS_PER_HOUR, left / 60 % 60,
                left % 60);
    else
        fprintf(progress->to, ", %u:%02u left", left / 60, left % 60);
}

void progress_update(struct progress *progress, uint64_t octets, uint64_t frames)
{
    double now, elapsed;

    if (!progress->to)
        return;
    now = now_seconds();
    if (now - progress->shown < REDRAW_SECONDS)
        return;
    progress->shown = now;
    progress->is_visible = 1;
    elapsed = now - progress->started;
    fputs(LINE_WIPE, progress->to);
    if (progress->size)
        draw_bar(progress, octets < progress->size ? (double)octets / (double)progress->size : 1,
                 elapsed);
    fprintf(progress->to, "%s%llu packets, %.0f packets/s", progress->size ? ", " : "",
            (unsigned long long)frames, (double)frames / elapsed);
    fflush(progress->to);
}

void progress_end(struct progress *progress)
{
    if (progress->is_visible) {
        fputs(LINE_WIPE, progress->to);
        fflush(progress->to);
    }
}
