/* SPDX-License-Identifier: MIT */
/* Small files of /proc, read whole and bounded. */
#ifndef ACUPOINT_PROCFS_H
#define ACUPOINT_PROCFS_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Reads at most capacity - 1 bytes and ends them with NUL. Bytes read or -errno. */
ssize_t file_read(const char *path, char *out, size_t capacity);
/* The same for /proc/PID/NAME. */
ssize_t proc_read(pid_t pid, const char *name, char *out, size_t capacity);
/* A descriptor of /proc/PID/NAME or -errno. */
int proc_open(pid_t pid, const char *name);
/* The folder /proc/PID/NAME, to be closed with closedir(); NULL with errno where it cannot be read.
 */
DIR *proc_folder(pid_t pid, const char *name);
/* The file /proc/PID/NAME, to be closed with fclose(); NULL with errno likewise. */
FILE *proc_stream(pid_t pid, const char *name);
/* Target of the link /proc/PID/NAME, ended with NUL. Its length or -errno. */
ssize_t proc_link(pid_t pid, const char *name, char *out, size_t capacity);

struct proc_stat {
	pid_t parent, session;
	bool forked; /* it runs on with what its parent ran, since it executed nothing itself */
	char state;
	char name[17];
	uint64_t cpu_ticks;  /* user and system */
	uint64_t start_time; /* clock ticks after boot */
	uint64_t rss_bytes;
};
/* 0 or -errno. */
int proc_stat(pid_t pid, struct proc_stat *out);

/* Of the resident memory: private, of mapped files, shared; and what is swapped out. In bytes. */
struct proc_resident {
	uint64_t anon, file, shared, swapped;
};
/* By the kernel's counters, which costs no walk over pages. All 0 where it has none (before 4.5).
 */
void proc_resident(pid_t pid, struct proc_resident *out);

/* The kernel's own rule for who may trace a process is also that for its memory's file. */
bool proc_may_read(pid_t pid);

/* All digits and a number above 0, or 0. */
pid_t proc_parse_pid(const char *text);

#endif
