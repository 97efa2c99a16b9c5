/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
#include "session/stack.h"

#include <sys/mman.h>
#include <unistd.h>

/* Linux makes no huge pages of a mapping with this flag. Elsewhere it has other meanings. */
#ifdef __linux__
#define STACK_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK)
#else
#define STACK_FLAGS (MAP_PRIVATE | MAP_ANONYMOUS)
#endif

/* In octets, whole pages. */
static size_t default_size(size_t page)
{
    pthread_attr_t attributes;
    size_t bytes = 0;

    if (pthread_attr_init(&attributes) == 0) {
        pthread_attr_getstacksize(&attributes, &bytes);
        pthread_attr_destroy(&attributes);
    }
    return (bytes + page - 1) / page * page;
}

int stack_make(struct stack *stack)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t bytes = default_size(page) + page;
    void *base = mmap(NULL, bytes, PROT_READ | PROT_WRITE, STACK_FLAGS, -1, 0);

    *stack = (struct stack){0};
    if (base == MAP_FAILED)
        return -1;
    *stack = (struct stack){.base = base, .bytes = bytes};
    if (mprotect(base, page, PROT_NONE) == 0)
        return 0;
    stack_release(stack);
    return -1;
}

void stack_release(struct stack *stack)
{
    if (stack->base)
        munmap(stack->base, stack->bytes);
    *stack = (struct stack){0};
}

int stack_start_thread(const struct stack *stack, pthread_t *thread, void *(*function)(void *),
                       void *argument)
{
    pthread_attr_t attributes;
    int reason = pthread_attr_init(&attributes);

    if (reason)
        return reason;
    reason = pthread_attr_setstack(&attributes, stack->base, stack->bytes);
    if (!reason)
        reason = pthread_create(thread, &attributes, function, argument);
    pthread_attr_destroy(&attributes);
    return reason;
}
