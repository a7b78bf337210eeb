/* SPDX-License-Identifier: MIT */
/* Variables that an nginx executable exports, which it does for its dynamic modules. */
#ifndef ACUPOINT_VARIABLE_H
#define ACUPOINT_VARIABLE_H

#include <stdint.h>
#include <sys/types.h>

struct mappings;
struct stat;

/* Where the executable's first bytes are in the process; 0: it maps them nowhere. */
uint64_t nginx_base(const struct mappings *maps, const struct stat *file);
/* Where the executable's variable of eight bytes is in the process; 0: it has none of that name. */
uint64_t nginx_variable(pid_t pid, const struct mappings *maps, const char *name);

#endif
