/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* How a thread leaves its CPU. Shared by user space and BPF: no includes; see walk/sample.h. */
#ifndef ACUPOINT_AWAY_H
#define ACUPOINT_AWAY_H

/* In place of the number of a system call: the thread was not in one. */
#define AWAY_NO_CALL -1

/* As the scheduler says it. */
enum away_state {
	AWAY_READY = 0,		  /* it would have run on */
	AWAY_SLEEPING = 1,	  /* a signal wakes it */
	AWAY_UNINTERRUPTIBLE = 2, /* waits for a device or a lock of the kernel */
	AWAY_DEAD = 0x80,
};

#endif
