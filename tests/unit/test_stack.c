/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/stack.h"

#include <sys/stat.h>

#include "unit.h"

#define DEEP_BYTES (64 * 1024)

/* Writes where the lowest of its variables stands. */
static void *note_depth(void *lowest)
{
    volatile char deep[DEEP_BYTES];

    for (size_t i = 0; i < sizeof(deep); i += 1024)
        deep[i] = 1;
    *(uintptr_t *)lowest = (uintptr_t)&deep[0];
    return NULL;
}

static void a_thread_runs_on_its_stack(void **state)
{
    struct stack stack;
    pthread_t thread;
    uintptr_t lowest = 0;

    (void)state;
    assert_int_equal(stack_make(&stack), 0);
    assert_true(stack.bytes > 2 * DEEP_BYTES);
    assert_int_equal(stack_start_thread(&stack, &thread, note_depth, &lowest), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(lowest > (uintptr_t)stack.base);
    assert_true(lowest + DEEP_BYTES < (uintptr_t)stack.base + stack.bytes);
    stack_release(&stack);
    assert_null(stack.base);
    stack_release(&stack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_thread_runs_on_its_stack)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
