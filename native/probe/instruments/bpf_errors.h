/* SPDX-License-Identifier: MIT */
/* Why BPF could not be used, in the user's words, with libbpf's log for ours. */
#ifndef ACUPOINT_BPF_ERRORS_H
#define ACUPOINT_BPF_ERRORS_H

#include <stddef.h>
#include <sys/types.h>

#include "host/failure.h"

/* Text that libbpf prints between begin and end; the last 64 KiB, since the verifier's verdict
 * comes last. */
struct bpf_log {
	char *text; /* NULL when out of memory: then nothing is kept */
	size_t length;
};

/* One log at a time. */
void bpf_log_begin(struct bpf_log *log);
void bpf_log_end(struct bpf_log *log);

/* `code` is an errno; `step` says what was being done. Takes the log's text as the detail. */
void bpf_error(struct failure *error, struct bpf_log *log, int code, const char *step);
void bpf_add_error(struct failure *error, pid_t pid, int code);

#endif
