/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* Where the kernel keeps the numbers that a thread has in each pid namespace. */
#ifndef ACUPOINT_PID_OFFSETS_H
#define ACUPOINT_PID_OFFSETS_H

#include <linux/types.h>

struct pid_offsets {
	__u32 known;					   /* the others hold */
	__u32 task_leader, task_pid;			   /* of task_struct */
	__u32 pid_level, pid_numbers;			   /* of struct pid */
	__u32 number_size, number_value, number_namespace; /* of struct upid */
	__u32 namespace_inode;				   /* of pid_namespace */
};

/* Namespaces of pids nest so deep. */
enum { PID_LEVELS = 32 };

#endif
