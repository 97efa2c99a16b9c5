/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Samples: how many are taken, and that sensors take the same ones. */
#include "track/flows/sampler.h"

#include <stdlib.h>

#include "unit.h"

#define SECONDS 20

/* Sends RATE numbers a second of FLOW through SAMPLER, from FIRST on. */
static void send(struct sampler *sampler, const struct flow *flow, uint64_t first, unsigned rate)
{
    for (uint64_t i = 0; i < (uint64_t)SECONDS * rate; i++)
        sampler_see(sampler, flow, 0, first + i, NS_PER_SECOND + i * (NS_PER_SECOND / rate));
}

static void at_most_ten_a_second(void **state)
{
    static const unsigned rates[] = {1, 9, 10, 11, 100, 1000, 50000};

    (void)state;
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
        struct sampler sampler = {0};
        struct flow flow = {.position = 7};

        send(&sampler, &flow, 1, rates[i]);
        assert_true(sampler.count <= SECONDS * SAMPLES_PER_SECOND);
        assert_true(sampler.count >= (size_t)SECONDS * (rates[i] < 2 ? 1 : 2));
        sampler_release(&sampler);
    }
}

static int has(const struct sampler *sampler, uint64_t number)
{
    for (size_t i = 0; i < sampler->count; i++)
        if ((uint32_t)sampler->samples[i].number == (uint32_t)number)
            return 1;
    return 0;
}

static void sensors_take_the_same_numbers(void **state)
{
    struct sampler whole = {0}, part = {0};
    struct flow flow = {.position = 1}, other = {.position = 90};
    size_t shared = 0;

    (void)state;
    send(&whole, &flow, 1, 2000);
    send(&part, &other, (UINT64_C(1) << 32) + 4001,
         2000); /* it began 2 s later, and after a wrap */
    for (size_t i = 0; i < part.count; i++)
        shared += (size_t)has(&whole, part.samples[i].number);
    assert_true(part.count > SECONDS * 3);
    assert_true(shared * 10 > part.count * 7);
    sampler_release(&whole);
    sampler_release(&part);
}

/* Many flows share what a tracker may take. */
static void at_most_a_thousand_a_second_in_all(void **state)
{
    struct sampler sampler = {0};
    struct flow flow = {0};

    (void)state;
    for (uint64_t i = 0; i < UINT64_C(3000000); i++) {
        flow.position = 1 + (uint32_t)(i % 5000);
        sampler_see(&sampler, &flow, 0, i / 5000, NS_PER_SECOND + i * 5000); /* 200,000 a second */
    }
    assert_true(sampler.count <= (15 + 1) * SAMPLES_PER_SECOND_ALL);
    assert_true(sampler.count >= SAMPLES_PER_SECOND_ALL);
    sampler_release(&sampler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_most_ten_a_second),
        cmocka_unit_test(sensors_take_the_same_numbers),
        cmocka_unit_test(at_most_a_thousand_a_second_in_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
