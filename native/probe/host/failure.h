/* SPDX-License-Identifier: MIT */
/*
 * How every room says that something failed, or that the user should know something. The numbers
 * are those of FailureKind and NoticeKind in acupoint.proto.
 */
#ifndef ACUPOINT_FAILURE_H
#define ACUPOINT_FAILURE_H

#include <sys/types.h>

enum failure_kind {
	FAILURE_OTHER = 0,
	FAILURE_NO_SUCH_PROCESS = 1,
	FAILURE_NOT_NGINX = 2,
	FAILURE_PRIVILEGE = 3,
	FAILURE_NO_SAMPLER = 4,
	FAILURE_VERIFIER = 5,
	FAILURE_TARGETS_GONE = 6,
	FAILURE_BAD_REQUEST = 7,
	FAILURE_FILE = 8,
	FAILURE_LONG_PAUSE = 9,
};

enum notice_kind {
	NOTICE_OTHER = 0,
	NOTICE_WORKER_JOINED = 1,
	NOTICE_WORKER_LEFT = 2,
	NOTICE_NO_LUA_VM = 3,
	NOTICE_UNSUPPORTED_VM = 4,
	NOTICE_VM_FOUND = 5,
	NOTICE_RATE_LOWERED = 6,
	NOTICE_SAMPLER_FELL_BACK = 7,
	NOTICE_RATE_RESTORED = 8,
	NOTICE_SAMPLES_WEIGHED = 9,
	NOTICE_WORKER_CRASHED = 10, /* on the wire a WORKER_LEFT that crashed */
};

/* Why something failed. The texts are for the user and for the log. */
struct failure {
	enum failure_kind kind;
	char text[512];
	char *detail; /* malloc'ed or NULL: the verifier's log and the like */
};

/* Fills in that there was no memory. */
void failure_no_memory(struct failure *f);

/* Takes what the user should know while the probe goes on. */
struct notices {
	void (*notice)(void *context, int kind, pid_t pid, const char *text, const char *detail);
	void *context;
};

#endif
