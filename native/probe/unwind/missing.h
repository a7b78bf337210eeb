/* SPDX-License-Identifier: MIT */
/* Addresses whose rules samples lacked, one for each process, between two polls. */
#ifndef ACUPOINT_UNWIND_MISSING_H
#define ACUPOINT_UNWIND_MISSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "walk/state.h"

#define MISSING_MAX 64

struct missing {
	struct {
		pid_t pid;
		uint64_t address;
	} items[MISSING_MAX];
	size_t count;
};

static inline bool unwind_lacks_tables(unsigned int state)
{
	return state == UNWIND_WANTED || state == UNWIND_UNMAPPED || state == UNWIND_FOREIGN;
}

/* The last address of a process counts: others come again. */
static inline void missing_note(struct missing *m, pid_t pid, uint64_t address)
{
	size_t i = 0;

	while (i < m->count && m->items[i].pid != pid)
		i++;
	if (i == MISSING_MAX)
		return;
	if (i == m->count)
		m->count++;
	m->items[i].pid = pid;
	m->items[i].address = address;
}

#endif
