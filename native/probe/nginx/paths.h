/* SPDX-License-Identifier: MIT */
/* Where a server has its prefix and its configuration, from its command line and its executable. */
#ifndef ACUPOINT_PATHS_H
#define ACUPOINT_PATHS_H

#include "nginx/binary.h"
#include "nginx/listing.h"

/*
 * Sets executable, prefix and config_file of a master from its command_line, as the target sees
 * them. Blanks in paths cannot be told from blanks between arguments in the title of a master.
 */
void nginx_paths(struct nginx_master *master, const struct nginx_binary *binary);

#endif
