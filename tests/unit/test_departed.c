/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "track/departed.h"

#include "unit.h"

static struct departed departed;

static void add(uint32_t spi, uint64_t lost)
{
    struct flow_change change = {
        .flow = {.key = {.spi = spi}, .timing = {.last_ns = 1000 + spi}},
        .figures = {.lost = {lost}},
    };

    departed_add(&departed, &change);
}

/* The number of kept flows with an SPI from FIRST to LAST. */
static int kept(uint32_t first, uint32_t last)
{
    int count = 0;

    for (size_t i = 0; i < departed_count(&departed); i++) {
        uint32_t spi = departed_at(&departed, i)->flow.key.spi;

        count += spi >= first && spi <= last;
    }
    return count;
}

static void few_are_all_kept(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 100; i++)
        add(i, 0);
    assert_int_equal(departed_count(&departed), 100);
    assert_int_equal(kept(1, 100), 100);
    departed_shift_time(&departed, -500);
    assert_int_equal(departed_at(&departed, 0)->flow.timing.last_ns, 501);
    departed_release(&departed);
}

/* Whatever the order in which they leave. */
static void the_latest_and_the_worst_are_kept(void **state)
{
    enum { FLOWS = 20000, STEP = 7919 };

    (void)state;
    for (uint32_t i = 0; i < FLOWS; i++)
        add(1 + i * STEP % FLOWS, 1 + i * STEP % FLOWS);
    assert_int_equal(departed_count(&departed), DEPARTED_LATEST + DEPARTED_WORST);
    for (uint32_t i = FLOWS - DEPARTED_LATEST; i < FLOWS; i++)
        assert_int_equal(kept(1 + i * STEP % FLOWS, 1 + i * STEP % FLOWS), 1);
    assert_in_range(kept(FLOWS - DEPARTED_WORST + 1, FLOWS), DEPARTED_WORST, DEPARTED_WORST);
    departed_release(&departed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_are_all_kept),
        cmocka_unit_test(the_latest_and_the_worst_are_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
