/* SPDX-License-Identifier: MIT */
/* What the probe itself costs. */
#ifndef ACUPOINT_USAGE_H
#define ACUPOINT_USAGE_H

#include <stdint.h>
#include <sys/types.h>

/* Of a clock that only goes forward, of CPU that this process and this thread have used, and of the
 * date. */
uint64_t clock_monotonic_ns(void);
uint64_t clock_monotonic_ms(void);
uint64_t clock_cpu_ns(void);
uint64_t clock_thread_cpu_ns(void);
uint64_t clock_unix_us(void);

/* CPU time of another process, as of the last tick of its CPU; 0: it is gone. */
uint64_t clock_process_ns(pid_t pid);

/* Counts that process of the probe as well from now on, in CPU time and memory. */
void usage_includes(pid_t pid);

/* Resident memory in bytes; 0 where it cannot be read. */
uint64_t own_rss_bytes(void);

#endif
