/* SPDX-License-Identifier: MIT */
/*
 * Why the kernel refuses the probe something, and what would change that: an account without
 * privilege needs other words than root of a container.
 */
#ifndef ACUPOINT_REFUSAL_H
#define ACUPOINT_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* How this process was started, before it confined itself. */
struct standing {
	uint64_t capabilities; /* effective, by bit */
	bool root;
	bool of_namespace; /* its user and capabilities are those of a user namespace */
	bool filtered;	   /* by seccomp: a container's profile */
	bool contained;	   /* in a pid namespace of its own: what is outside it cannot see */
	bool astray;	   /* /proc is another pid namespace's, and so are its numbers */
	bool blinded;	   /* /proc hides the processes of others (hidepid) */
};

/* Is there such a process, whether /proc shows it to us or not? */
bool process_exists(pid_t pid);

/* Looks once; later answers are the same. */
const struct standing *standing_own(void);

/* Of the capabilities `needed`, those that it has not; CAP_SYS_ADMIN stands for BPF and PERFMON. */
uint64_t standing_lacks(const struct standing *standing, uint64_t needed);

/* One or two sentences for a refusal of what takes the capabilities `needed`. */
void refusal_text(const struct standing *standing, uint64_t needed, char *out, size_t capacity);
/* The second sentence alone. */
void refusal_remedy(const struct standing *standing, uint64_t needed, char *out, size_t capacity);

#endif
