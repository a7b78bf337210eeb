/* SPDX-License-Identifier: MIT */
#include "instruments/bpf_errors.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/capabilities.h"
#include "host/failure.h"
#include "host/refusal.h"
#include "host/report.h"

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

static enum failure_kind kind_of(const struct bpf_log *log, int code)
{
	if (code == EPERM || code == EACCES)
		/* The verifier refuses with EACCES too, and then it has said why. */
		return log->text && strstr(log->text, "processed ") ? FAILURE_VERIFIER
								    : FAILURE_PRIVILEGE;
	if (log->text && strstr(log->text, "BEGIN PROG LOAD LOG"))
		return FAILURE_VERIFIER;
	return FAILURE_NO_SAMPLER;
}

/* Returns what a kernel lacks; "" where that is not it. */
static const char *lack_of(int code)
{
	if (host_kernel_before(5, 10))
		return " It needs Linux 5.10 or later.";
	if (access("/sys/kernel/btf/vmlinux", F_OK))
		return " It needs the kernel's BTF (/sys/kernel/btf/vmlinux), which is not there: "
		       "a kernel built without CONFIG_DEBUG_INFO_BTF, or a container in which /sys "
		       "is not mounted.";
	return code == ENOSYS ? " This kernel was built without CONFIG_BPF_SYSCALL." : "";
}

void bpf_error(struct failure *error, struct bpf_log *log, int code, const char *step)
{
	const struct standing *standing = standing_own();
	char why[400];

	/* A seccomp filter may answer like a kernel that lacks the call. */
	if (code == ENOSYS && standing->filtered)
		code = EPERM;
	error->kind = kind_of(log, code);
	switch (error->kind) {
	case FAILURE_PRIVILEGE:
		refusal_text(standing, CAPABILITY(BPF) | CAPABILITY(PERFMON), why, sizeof(why));
		snprintf(error->text, sizeof(error->text),
			 "The kernel did not let the probe load its BPF program. %s", why);
		break;
	case FAILURE_VERIFIER:
		snprintf(error->text, sizeof(error->text),
			 "This kernel's BPF verifier refused the sampler, so it cannot be used "
			 "here. The verifier's log is in the details; please report it.");
		break;
	default:
		snprintf(error->text, sizeof(error->text), "BPF cannot be used here (%s: %s).%s",
			 step, strerror(code), lack_of(code));
	}
	error->detail = log->text && log->length ? strdup(log->text) : NULL;
}

void bpf_add_error(struct failure *error, pid_t pid, int code)
{
	char why[400];

	error->detail = NULL;
	if (code == ESRCH || code == ENOENT) {
		error->kind = FAILURE_NO_SUCH_PROCESS;
		snprintf(error->text, sizeof(error->text),
			 "Process %d is gone. Choose another worker.", (int)pid);
	} else if (code == EPERM || code == EACCES) {
		error->kind = FAILURE_PRIVILEGE;
		refusal_text(standing_own(), CAPABILITY(PERFMON) | CAPABILITY(SYS_PTRACE), why,
			     sizeof(why));
		snprintf(error->text, sizeof(error->text),
			 "The kernel did not let the probe sample process %d. %s", (int)pid, why);
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
