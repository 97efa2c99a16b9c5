/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "command/ship.h"

#include <stdio.h>

#include "base/interrupt.h"
#include "ship/schema.h"
#include "ship/ship.h"

void ship_target_of(struct target_options *target, const struct options *options, const char *to)
{
    *target = (struct target_options){
        .to = to,
        .auth_file = options->auth_file,
        .ca = options->tls_ca,
        .certificate = options->tls_cert,
        .key = options->tls_key,
    };
}

static int check(const struct options *options, struct error *error)
{
    if (options->operand_count)
        return error_set(error,
                         options->db ? "ship takes options only, not '%s'"
                                     : "ship takes options only: did you mean --db %s?",
                         options->operands[0]);
    if (!options->db)
        return error_set(error, "no database given: --db DB (see gapwatch ship --help)");
    if (!options->to)
        return error_set(error,
                         "no target given: --to http(s)://HOST:PORT/DATABASE, file:DIR or -");
    return 0;
}

enum exit_code ship(const struct options *options)
{
    struct ship_options ship_options = {
        .database = options->db,
        .sensor = options->sensor,
        .samples = options->samples,
        .once = options->once,
        .quiet = options->quiet,
    };
    struct error error;

    if (options->print_schema) {
        schema_print(options->plain, stdout);
        return EXIT_DONE;
    }
    ship_target_of(&ship_options.target, options, options->to);
    if (check(options, &error) < 0 || ship_check(&ship_options.target, options->sensor, &error) < 0)
        return complain(&error, EXIT_USAGE);
    interrupt_catch(INTERRUPT_ALL);
    return ship_run(&ship_options, &error) < 0 ? complain(&error, EXIT_FAILED) : EXIT_DONE;
}
