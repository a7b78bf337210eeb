/* SPDX-License-Identifier: MIT */
/* What role a process has in an nginx server. */
#ifndef ACUPOINT_PROCESSES_H
#define ACUPOINT_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum nginx_role {
	NGINX_NONE,
	NGINX_MASTER,
	NGINX_SINGLE, /* serves by itself: master_process off, a script, or its master is gone */
	NGINX_CHILD,  /* a master forked it: worker, cache manager, privileged agent, ... */
};

enum nginx_role nginx_role_of(pid_t pid);

/* Has it put a title in the place of its arguments? */
bool nginx_is_titled(const char *command_line);
bool nginx_is_master_title(const char *command_line);
bool nginx_is_cache_title(const char *command_line);

/* Found before, and not looked at again. */
struct known_pids {
	const pid_t *pids;
	size_t count;
};

/*
 * All that a master has forked, whatever its titles are, and what these have forked in turn; a
 * server of one process itself. At most `capacity`; 0 if there are none or the master is gone.
 */
size_t nginx_workers_of(pid_t master, const struct known_pids *known, pid_t *out, size_t capacity);

/* Children of a process. */
size_t process_children(pid_t pid, pid_t *out, size_t capacity);

#endif
