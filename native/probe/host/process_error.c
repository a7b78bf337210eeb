/* SPDX-License-Identifier: MIT */
#include "host/process_error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/failure.h"

void process_error(struct failure *error, pid_t pid, int code)
{
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
		snprintf(
			error->text, sizeof(error->text),
			"The probe may not read the memory of process %d. It needs CAP_SYS_PTRACE, "
			"or root: sign in as root, or allow sudo without a password.",
			(int)pid);
		break;
	default:
		error->kind = FAILURE_OTHER;
		snprintf(error->text, sizeof(error->text), "Process %d cannot be read: %s.",
			 (int)pid, strerror(code));
	}
}
