/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The fixed-width types that kernel and user space share, wherever this is compiled. */
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

/* Put in front of a loop. Kernels before 6.3 refuse loops in BPF programs as compilers may arrange
 * them. */
#if defined(__bpf__)
#define UNROLLED _Pragma("unroll")
#else
#define UNROLLED
#endif

/* Makes the compiler forget what it knows of VARIABLE: what is checked of it from here on is
 * checked where the verifier of the kernel sees it. */
#if defined(__bpf__)
#define FORGET(variable) __asm__ volatile("" : "+r"(variable))
#else
#define FORGET(variable) (void)(variable)
#endif

#endif
