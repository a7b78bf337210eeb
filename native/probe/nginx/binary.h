/* SPDX-License-Identifier: MIT */
/* What an nginx executable says of itself, read from its file without executing it. */
#ifndef ACUPOINT_BINARY_H
#define ACUPOINT_BINARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct nginx_binary {
	uint64_t device, inode; /* of the file, to read each file once */
	bool is_nginx;		/* it holds nginx's version text */
	bool holds_luajit;	/* linked statically */
	char version[64];	/* "nginx/1.22.1", "openresty/1.25.3.2" */
	char prefix[256];	/* of its configure arguments; "" if none */
	char config_file[256];	/* likewise; may be relative to the prefix */
};

/* Reads /proc/PID/exe. 0 or -errno. */
int nginx_binary_read(pid_t pid, struct nginx_binary *out);
/* Device and inode alone. */
int nginx_binary_identify(pid_t pid, struct nginx_binary *out);

/* Value of --NAME=VALUE among configure arguments, which may be quoted. False if it is not there.
 */
bool configure_argument(const char *arguments, const char *name, char *out, size_t capacity);

#endif
