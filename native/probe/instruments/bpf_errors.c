/* SPDX-License-Identifier: MIT */
#include "instruments/bpf_errors.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/failure.h"

#define LOG_KEPT (64 * 1024)

static struct bpf_log *current;
static libbpf_print_fn_t printer_before;

/* The verifier's log comes as one text, which can be megabytes long. */
static int append(enum libbpf_print_level level, const char *format, va_list arguments)
{
	struct bpf_log *log = current;
	char *text = NULL;
	size_t length, cut = 0, surplus;
	int printed;

	if (level == LIBBPF_DEBUG || !log || !log->text)
		return 0;
	printed = vasprintf(&text, format, arguments);
	if (printed <= 0)
		goto done;
	length = (size_t)printed;
	if (length > LOG_KEPT) {
		cut = length - LOG_KEPT;
		length = LOG_KEPT;
	}
	if (log->length + length > LOG_KEPT) {
		surplus = log->length + length - LOG_KEPT;
		memmove(log->text, log->text + surplus, log->length - surplus);
		log->length -= surplus;
	}
	memcpy(log->text + log->length, text + cut, length);
	log->length += length;
	log->text[log->length] = '\0';
done:
	if (printed >= 0)
		free(text);
	return 0;
}

void bpf_log_begin(struct bpf_log *log)
{
	log->text = calloc(1, LOG_KEPT + 1);
	log->length = 0;
	current = log;
	printer_before = libbpf_set_print(append);
}

void bpf_log_end(struct bpf_log *log)
{
	libbpf_set_print(printer_before);
	current = NULL;
	free(log->text);
	log->text = NULL;
}

void bpf_error(struct failure *error, struct bpf_log *log, int code, const char *step)
{
	if (code == EPERM || code == EACCES) {
		error->kind = FAILURE_PRIVILEGE;
		/* The verifier refuses with EACCES too, and then it has said why. */
		if (log->text && strstr(log->text, "processed ")) {
			error->kind = FAILURE_VERIFIER;
		}
	} else if (log->text && strstr(log->text, "BEGIN PROG LOAD LOG")) {
		error->kind = FAILURE_VERIFIER;
	} else {
		error->kind = FAILURE_NO_SAMPLER;
	}
	switch (error->kind) {
	case FAILURE_PRIVILEGE:
		snprintf(error->text, sizeof(error->text),
			 "The kernel did not let the probe load its BPF program. It needs CAP_BPF, "
			 "CAP_PERFMON and CAP_SYS_PTRACE, or root: sign in as root, allow sudo "
			 "without a password, or have an administrator run what `acupoint "
			 "install` prints.");
		break;
	case FAILURE_VERIFIER:
		snprintf(error->text, sizeof(error->text),
			 "This kernel's BPF verifier refused the sampler, so it cannot be used "
			 "here. The verifier's log is in the details; please report it.");
		break;
	default:
		snprintf(error->text, sizeof(error->text),
			 "BPF cannot be used here (%s: %s). It needs Linux 5.10 or later with BTF "
			 "(/sys/kernel/btf/vmlinux).",
			 step, strerror(code));
	}
	error->detail = log->text && log->length ? strdup(log->text) : NULL;
}

void bpf_add_error(struct failure *error, pid_t pid, int code)
{
	error->detail = NULL;
	if (code == ESRCH || code == ENOENT) {
		error->kind = FAILURE_NO_SUCH_PROCESS;
		snprintf(error->text, sizeof(error->text),
			 "Process %d is gone. Choose another worker.", (int)pid);
	} else if (code == EPERM || code == EACCES) {
		error->kind = FAILURE_PRIVILEGE;
		snprintf(error->text, sizeof(error->text),
			 "The kernel did not let the probe sample process %d. It needs CAP_PERFMON "
			 "and CAP_SYS_PTRACE, or root.",
			 (int)pid);
	} else if (code == E2BIG) {
		error->kind = FAILURE_OTHER;
		snprintf(error->text, sizeof(error->text),
			 "Too many processes are sampled already; process %d was left out. At most "
			 "256 can be sampled at once.",
			 (int)pid);
	} else if (code == EBUSY) {
		error->kind = FAILURE_OTHER;
		snprintf(error->text, sizeof(error->text),
			 "A debugger or another tracer is attached to process %d. Detach it, then "
			 "try again.",
			 (int)pid);
	} else if (code == EEXIST) {
		error->kind = FAILURE_BAD_REQUEST;
		snprintf(error->text, sizeof(error->text), "Process %d is sampled already.",
			 (int)pid);
	} else {
		error->kind = FAILURE_OTHER;
		snprintf(error->text, sizeof(error->text), "Process %d cannot be sampled: %s.",
			 (int)pid, strerror(code));
	}
}
