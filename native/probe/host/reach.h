/* SPDX-License-Identifier: MIT */
/*
 * The one way to what needs privilege. The probe is two processes: the keeper has the privileges
 * and parses nothing, the reader parses and has none. The reader asks here; what it gets is a
 * descriptor that was opened for reading, a text or a number. Without a keeper (tests, the keeper
 * itself, the start of a command) the same code answers in this process.
 */
#ifndef ACUPOINT_REACH_H
#define ACUPOINT_REACH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "host/handover.h"

enum reach_op {
	REACH_PROC = 1, /* text: a name below /proc/PID. Gives its descriptor */
	REACH_LINK,	/* text: a link below /proc/PID. Gives its text */
	REACH_MAPPED,	/* values: start and end of a mapping. Gives the mapped file */
	REACH_FILE,	/* text: an absolute path in PID's root. Gives the file, by PID's rights */
	REACH_PIDS,	/* gives all pids of this host as the text, as pid_t */
	/* Of the sampler, answered in instruments/granted.c. */
	REACH_LOAD,   /* values: which object, kind of trap. Gives maps; on failure a reason */
	REACH_UNLOAD, /* values: which object */
	REACH_CHUNK,  /* gives a map of unwind rows */
	REACH_EVENT,  /* values: kind, period. Gives the event of thread PID */
	REACH_TRAP, /* values: kind, offset, program; descriptor: the file. Gives a uprobe on PID */
	REACH_SWITCHES, /* values: whose. Gives the program that watches threads leave the CPU */
	REACH_HURRY,	/* thread PID of the asker comes first */
	/* Of heap snapshots, answered in commands/heap_job.c. */
	REACH_HEAP,	/* values: longest pause in ms. Gives the stream */
	REACH_HEAP_END, /* ends what REACH_HEAP began; gives its wait status as value */
};

enum {
	REACH_PATH = 4096,
	REACH_TEXT = 128 * 1024, /* the longest answer: 32768 pids, or a verifier's log */
	REACH_VALUES = 4,
	REACH_DESCRIPTORS = HANDOVER_MOST,
};

struct reach_request {
	uint32_t op;
	int32_t pid;
	uint64_t values[REACH_VALUES];
	int32_t has_descriptor;
	uint32_t text_length; /* without its NUL, which is always there */
	char text[REACH_PATH];
};

struct reach_answer {
	int32_t result; /* not negative, or -errno */
	uint32_t descriptors;
	uint64_t values[REACH_VALUES];
	uint32_t text_length;
	char text[REACH_TEXT]; /* with a NUL behind it */
};

/*
 * Answers a request in this process. Descriptors that it gives are the caller's; `descriptor`, -1
 * or that of the request, stays the caller's.
 */
typedef void (*reach_answers)(const struct reach_request *request, int descriptor,
			      struct reach_answer *answer, int *descriptors);

/* For files of /proc and of targets; -ENOSYS for all other requests. */
void reach_answer_files(const struct reach_request *request, int descriptor,
			struct reach_answer *answer, int *descriptors);

/* Answers in this process from now on. A program that does not call it knows of files alone. */
void reach_here(reach_answers answers);
/* Asks the keeper behind the socket from now on, for all threads of this process. */
void reach_through(int socket);

/*
 * Asks. The result of the answer; `answer` may be NULL. Up to REACH_DESCRIPTORS go to
 * `descriptors`, which may be NULL where none are expected. A keeper that has gone ends the
 * process: nothing can be had without it.
 */
int reach(const struct reach_request *request, int descriptor, struct reach_answer *answer,
	  int *descriptors);

/* A descriptor of /proc/PID/NAME, read-only and closed on exec; or -errno. Folders too. */
int reach_proc(pid_t pid, const char *name);
/* Keeps a duplicate of `fd` as the answer to reach_proc(pid, name), for a process that may ask
 * nobody. */
void reach_offer(pid_t pid, const char *name, int fd);
/* The text of a link, ended with NUL. Its length or -errno. */
ssize_t reach_link(pid_t pid, const char *name, char *out, size_t capacity);
/* The regular file behind a mapping, whatever became of its path; or -errno. */
int reach_mapped(pid_t pid, uint64_t start, uint64_t end);
/* A regular file by its path in the root of `pid`, if that process may read it; or -errno. */
int reach_file(pid_t pid, const char *path);
/* All processes of this host; how many were written. */
size_t reach_pids(pid_t *out, size_t capacity);

#endif
