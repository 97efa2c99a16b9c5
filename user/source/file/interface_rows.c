/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "source/file/interface_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_of(const struct interface_row *row, const struct file_interface *interface)
{
    return row->number == interface->number && strcmp(row->name, interface->name) == 0 &&
           strcmp(row->link_type, interface->link->name) == 0;
}

/* The row of INTERFACE, which is added if there is none; NULL: no room. Files of a ring have the
 * same interfaces and share their rows. */
static struct interface_row *row_of(struct interface_rows *all,
                                    const struct file_interface *interface)
{
    struct interface_row *rows = all->rows;

    for (size_t i = 0; i < all->count; i++)
        if (is_of(&rows[i], interface))
            return &rows[i];
    if (all->count == INTERFACE_ROWS_MAX)
        return NULL;
    rows = realloc(rows, (all->count + 1) * sizeof(*rows));
    if (!rows)
        return NULL;
    all->rows = rows;
    rows += all->count++;
    *rows = (struct interface_row){.number = interface->number};
    snprintf(rows->name, sizeof(rows->name), "%s", interface->name);
    snprintf(rows->link_type, sizeof(rows->link_type), "%s", interface->link->name);
    return rows;
}

void interface_rows_add(struct interface_rows *rows, const struct capture_file *file)
{
    for (uint32_t i = 0; i < file->interface_count; i++) {
        const struct file_interface *interface = file->interfaces[i];
        struct interface_row *row;

        if (!interface->records && !file_interface_lost(interface))
            continue;
        row = row_of(rows, interface);
        if (!row)
            continue;
        row->packets += interface->frames;
        row->bytes += interface->bytes;
        row->lost = lost_sum(row->lost, file_interface_lost(interface));
        for (size_t j = 0; j < OUTCOME_COUNT; j++)
            row->outcomes[j] += interface->outcomes[j];
    }
}
