/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* Fixed-width types for kernel and user space, on every system. */
#ifndef GAPWATCH_TYPES_H
#define GAPWATCH_TYPES_H

#if defined(__bpf__)
#include "vmlinux.h"
#elif defined(__has_include) && __has_include(<linux/types.h>)
#include <linux/types.h>
#else
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed int __s32;
typedef signed long long __s64;
#endif

#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif

/* Stands in front of a loop that must be unrolled: kernels before 6.3 refuse some loops as
 * compilers arrange them. */
#if defined(__bpf__)
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED
#endif

/* For functions that few frames need. In user space they are not inlined, which keeps the code of
 * the other frames short. BPF programs call them only from functions that are set apart already. */
#if defined(__bpf__)
#define APART __always_inline
#else
#define APART __attribute__((noinline, unused))
#endif

/* Makes the compiler forget the value range of VARIABLE. A bounds check after it then stays in the
 * code, where the verifier sees it. */
#if defined(__bpf__)
#define FORGET(variable) __asm__ volatile("" : "+r"(variable))
#else
#define FORGET(variable) (void)(variable)
#endif

#endif
