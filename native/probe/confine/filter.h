/* SPDX-License-Identifier: MIT */
/*
 * What a process of the probe may still ask of the kernel: lists of system calls, for seccomp. Any
 * other ends the process at once. Filters add up: a second one can only take away.
 */
#ifndef ACUPOINT_FILTER_H
#define ACUPOINT_FILTER_H

#include <stdbool.h>

enum filter_right {
	/* Reads what is open, opens files to read, computes, writes what is open, has threads. */
	FILTER_READ = 0,
	FILTER_PTRACE = 1 << 0,	  /* stops threads and reads their registers; never writes */
	FILTER_HURRY = 1 << 1,	  /* asks to run early; how early is limited by rlimits */
	FILTER_COPY = 1 << 2,	  /* copies a process's memory within one call */
	FILTER_CHILDREN = 1 << 3, /* has children that it ends and waits for; executes nothing */
	FILTER_GRANT = 1 << 4,	  /* BPF programs, perf events, files by others' rights */
	FILTER_NARROW = 1 << 5,	  /* gives up more later */
};

/* From now on and for all threads to come; the caller must be the only one. False with errno. */
bool filter_install(unsigned int rights);

#endif
