/* SPDX-License-Identifier: MIT */
/* What role a process has in an nginx server. */
#ifndef ACUPOINT_PROCESSES_H
#define ACUPOINT_PROCESSES_H

#include <stddef.h>
#include <sys/types.h>

enum nginx_role {
	NGINX_NONE,
	NGINX_MASTER,
	NGINX_WORKER, /* one that is shutting down included */
	NGINX_SINGLE, /* master_process off: serves by itself */
	NGINX_HELPER, /* cache manager, cache loader, privileged agent */
};

/* By its title, else by its executable. The title as the process set it goes to `title`. */
enum nginx_role nginx_role_of(pid_t pid, char *title, size_t capacity);

/* Workers of a master, at most `capacity`. 0 if it has none or is gone. */
size_t nginx_workers_of(pid_t master, pid_t *out, size_t capacity);

/* Children of a process. */
size_t process_children(pid_t pid, pid_t *out, size_t capacity);

#endif
