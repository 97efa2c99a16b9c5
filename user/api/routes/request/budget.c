/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "api/routes/request/budget.h"

#include "base/units.h"

/* The answer must be sent within 2 s. */
#define LENGTH_NS (18 * NS_PER_SECOND / 10)

/* The time that every query gets. Nearly all take less. */
#define LEAST_NS (NS_PER_SECOND / 10)

/* Each second that passes takes half a second off the time that was used. */
static void wear_off(struct budget *budget, uint64_t now_ns)
{
    uint64_t passed_ns = now_ns - budget->when_ns;
    uint64_t worn_ns = passed_ns / 2;

    budget->used_ns -= worn_ns < budget->used_ns ? worn_ns : budget->used_ns;
    budget->when_ns = now_ns;
}

static uint64_t left(const struct budget *budget)
{
    return budget->used_ns + LEAST_NS < LENGTH_NS ? LENGTH_NS - budget->used_ns : LEAST_NS;
}

uint64_t budget_length(struct budget *budget, uint64_t now_ns, int is_first)
{
    wear_off(budget, now_ns);
    budget->length_ns = is_first ? LENGTH_NS : left(budget);
    return budget->length_ns;
}

void budget_spend(struct budget *budget, uint64_t began_ns, uint64_t ended_ns)
{
    budget->used_ns += ended_ns - began_ns;
    budget->when_ns = ended_ns;
}

const char *budget_words(const struct budget *budget)
{
    return budget->length_ns + LEAST_NS >= LENGTH_NS
               ? "the query took longer than 2 seconds and was stopped: ask for less, such as a "
                 "shorter time or fewer filters"
               : "the query was stopped, because slow queries before it keep the server busy: ask "
                 "again in a few seconds, or for less";
}
