/* SPDX-License-Identifier: MIT */
/* The addresses on which a process listens. */
#ifndef ACUPOINT_SOCKETS_H
#define ACUPOINT_SOCKETS_H

#include <stddef.h>
#include <sys/types.h>

typedef char socket_text[128];

/*
 * TCP and Unix sockets that the process holds open and that listen, in its network namespace:
 * "0.0.0.0:80",
 * "[::]:443", "unix:/run/x.sock". Each once, at most `capacity`. 0 where that cannot be read.
 */
size_t listening_sockets(pid_t pid, socket_text *out, size_t capacity);

#endif
