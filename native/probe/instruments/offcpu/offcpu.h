/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Shared by user space and the program that watches switches of threads: its orders and its
 * reports. Fixed-size integers only, no includes; see walk/sample.h.
 */
#ifndef ACUPOINT_OFFCPU_H
#define ACUPOINT_OFFCPU_H

/*
 * A thread is back on a CPU. A sample of the time away came first, if there is one; its value is
 * `since`. It stands for 2^shift such times.
 */
struct offcpu_event {
	__u32 pid, tid;
	__u64 since, until; /* ns of the monotonic clock */
	__s32 call;
	__u32 state;
	__u32 shift;
	__u32 taken; /* 0: not sampled; 1: sampled; 2: its sample was lost */
};

struct offcpu_control {
	/* The shorter times are than this, the fewer of them are sampled; ns. */
	__u32 quantum;
	__u32 lost; /* events that had no room */
};

/* Times as long as this are all sampled: they cannot be many. */
enum { OFFCPU_MOST_SHIFT = 7, OFFCPU_ALWAYS_NS = 1000000 };

#endif
