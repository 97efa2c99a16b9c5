/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/compare.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/interrupt.h"
#include "base/units.h"
#include "compare/comparison.h"
#include "compare/files/files.h"
#include "compare/files/joint.h"
#include "compare/operand.h"
#include "compare/point/database.h"
#include "compare/report/keep.h"
#include "compare/report/report.h"

#define SIDES 2

struct sides {
    struct operand operands[SIDES];
    struct point points[SIDES];
};

static int is_standard_input(const struct operand *operand)
{
    for (size_t i = 0; i < operand->count; i++)
        if (strcmp(operand->files[i], "-") == 0)
            return 1;
    return 0;
}

/* Reads the operands. Returns EXIT_DONE, or EXIT_USAGE with ERROR set. */
static enum exit_code parse(struct sides *sides, const struct options *options, struct error *error)
{
    if (options->operand_count != SIDES) {
        error_set(error,
                  "two sides are needed: gapwatch compare A B (see gapwatch compare --help)");
        return EXIT_USAGE;
    }
    for (int i = 0; i < SIDES; i++)
        if (operand_parse(&sides->operands[i], options->operands[i], (char)('A' + i), error) < 0)
            return EXIT_USAGE;
    if (is_standard_input(&sides->operands[0]) && is_standard_input(&sides->operands[1])) {
        error_set(error, "only one side can be standard input");
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static enum exit_code read_side(struct point *point, const struct operand *operand,
                                const struct options *options)
{
    struct files_options files = {
        .files = operand->files,
        .count = operand->count,
        .filter = options->filter,
        .window = (uint32_t)options->window,
        .max_flows = (uint32_t)options->max_flows,
        .is_quiet = options->quiet,
    };
    struct error error;
    enum exit_code code = EXIT_DONE;

    if (!operand->is_database)
        code = point_read_files(point, &files, &error);
    else if (point_read_database(point, operand->files[0], operand->capture, &error) < 0)
        code = EXIT_FAILED;
    return code == EXIT_DONE ? code : complain(&error, code);
}

static uint64_t keeping_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

static enum exit_code report(struct sides *sides, const struct options *options)
{
    struct comparison comparison;
    struct error error;
    enum exit_code code = EXIT_DONE;

    if (points_join(&sides->points[0], &sides->points[1], (enum match)options->match,
                    (uint32_t)options->window, &error) < 0)
        return complain(&error, EXIT_FAILED);
    if (comparison_make(&comparison, &sides->points[0], &sides->points[1],
                        (enum match)options->match, &error) < 0)
        code = complain(&error, EXIT_FAILED);
    else if (options->json)
        comparison_write_json(&comparison, stdout);
    else
        comparison_write_text(&comparison, stdout);
    if (code == EXIT_DONE && options->db &&
        comparison_keep(&comparison, options->db, keeping_ns(), &error) < 0)
        code = complain(&error, EXIT_FAILED);
    comparison_release(&comparison);
    return code;
}

static enum exit_code complain_empty(const struct point *point)
{
    struct error error;

    error_set(&error, "%s: there are no packets to compare", point->name);
    return complain(&error, EXIT_FAILED);
}

/* Reads both sides and reports what they have in common, as far as they could be read. */
static enum exit_code run(struct sides *sides, const struct options *options)
{
    enum exit_code worst = EXIT_DONE;

    interrupt_catch(INTERRUPT_UNLESS_IGNORED);
    for (int i = 0; i < SIDES && worst != EXIT_USAGE; i++) {
        enum exit_code code = read_side(&sides->points[i], &sides->operands[i], options);

        if (code > worst)
            worst = code;
        if (!sides->points[i].frames)
            return worst == EXIT_DONE ? complain_empty(&sides->points[i]) : worst;
    }
    if (worst != EXIT_USAGE && report(sides, options) != EXIT_DONE)
        return EXIT_FAILED;
    return worst;
}

enum exit_code compare(const struct options *options)
{
    struct sides sides = {0};
    struct error error;
    enum exit_code code = parse(&sides, options, &error);

    if (code == EXIT_DONE)
        code = run(&sides, options);
    else
        complain(&error, code);
    for (int i = 0; i < SIDES; i++) {
        point_release(&sides.points[i]);
        operand_release(&sides.operands[i]);
    }
    return code;
}
