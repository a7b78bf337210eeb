/* SPDX-License-Identifier: MIT */
#include "host/process_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/capabilities.h"
#include "host/refusal.h"

void process_missing(struct failure *error, pid_t pid)
{
	char remedy[256];

	error->detail = NULL;
	if (pid > 0 && process_exists(pid)) {
		refusal_remedy(standing_own(), CAPABILITY(SYS_PTRACE), remedy, sizeof(remedy));
		error->kind = FAILURE_PRIVILEGE;
		snprintf(error->text, sizeof(error->text),
			 "Process %d runs, but /proc hides it from this user (hidepid). %s",
			 (int)pid, remedy);
		return;
	}
	error->kind = FAILURE_NO_SUCH_PROCESS;
	snprintf(error->text, sizeof(error->text),
		 "There is no process %d%s. List the nginx processes again and choose one of them.",
		 (int)pid,
		 standing_own()->contained
			 ? " in this container, which numbers its processes by itself"
			 : " (any more)");
}

void process_error(struct failure *error, pid_t pid, int code)
{
	char why[400];

	/* A seccomp filter may answer like a kernel that lacks the call. */
	if (code == ENOSYS && standing_own()->filtered)
		code = EPERM;
	error->detail = NULL;
	switch (code) {
	case ENOENT:
	case ESRCH:
		error->kind = FAILURE_NO_SUCH_PROCESS;
		snprintf(error->text, sizeof(error->text),
			 "Process %d is gone. Choose another worker.", (int)pid);
		break;
	case EPERM:
	case EACCES:
		error->kind = FAILURE_PRIVILEGE;
		refusal_text(standing_own(), CAPABILITY(SYS_PTRACE), why, sizeof(why));
		snprintf(error->text, sizeof(error->text),
			 "The probe may not read the memory of process %d. %s", (int)pid, why);
		break;
	default:
		error->kind = FAILURE_OTHER;
		snprintf(error->text, sizeof(error->text), "Process %d cannot be read: %s.",
			 (int)pid, strerror(code));
	}
}
