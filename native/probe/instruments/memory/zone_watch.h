/* SPDX-License-Identifier: MIT */
/* When the zones that workers share are looked at: seldom enough to cost next to nothing. */
#ifndef ACUPOINT_ZONE_WATCH_H
#define ACUPOINT_ZONE_WATCH_H

#include "nginx/zones.h"

struct zone_watch {
	pid_t pid;
	uint64_t variable, due_ms;
	struct zones *zones;
};

/* NULL: not this time. */
const struct zones *zone_watch_look(struct zone_watch *w, pid_t pid, uint64_t now_ms);
void zone_watch_free(struct zone_watch *w);

#endif
