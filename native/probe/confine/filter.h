/* SPDX-License-Identifier: MIT */
/*
 * Lists of the system calls that a process of the probe may still make, for seccomp. Any other
 * ends the process at once. Filters add up: a second one can only take away.
 */
#ifndef ACUPOINT_FILTER_H
#define ACUPOINT_FILTER_H

#include <stdbool.h>

enum filter_right {
	/* Reads what is open, opens files to read, computes, writes what is open, has threads. */
	FILTER_READ = 0,
	FILTER_PTRACE = 1 << 0,	  /* stops threads and reads their registers; never writes */
	FILTER_HURRY = 1 << 1,	  /* has threads of the probe run early */
	FILTER_READV = 1 << 2,	  /* reads memory of processes by call, not by descriptor */
	FILTER_COPY = 1 << 3,	  /* copies all of it, against a clock */
	FILTER_CHILDREN = 1 << 4, /* has children that it ends and waits for; executes nothing */
	FILTER_GRANT = 1 << 5,	  /* BPF programs, perf events, files by others' rights */
	FILTER_NARROW = 1 << 6,	  /* gives up more later */
};

/* From now on and for all threads to come; the caller must be the only one. False with errno. */
bool filter_install(unsigned int rights);

#endif
