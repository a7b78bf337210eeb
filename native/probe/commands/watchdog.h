/* SPDX-License-Identifier: MIT */
/*
 * Ends the probe when its main loop is stuck (in a file system that does not answer, in a process
 * that cannot be read) while the other end has gone: everything that is attached goes with the
 * process.
 */
#ifndef ACUPOINT_WATCHDOG_H
#define ACUPOINT_WATCHDOG_H

#include <stdbool.h>

enum {
	/* With the time that it takes to detach and to exit, nothing is left after two seconds. */
	SILENCE_MS = 1700,
	/* So that the other end, where it still lives, knows why. */
	EXIT_SILENCE = 75,
};

/* Watches `fd`, which the main loop reads. `heartbeat`: silence counts as gone too. */
bool watchdog_start(int fd, bool heartbeat);
/* Says that the main loop runs. */
void watchdog_feed(void);

#endif
