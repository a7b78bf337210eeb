/* SPDX-License-Identifier: MIT */
#include "commands/watchdog.h"

#include "host/usage.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 100, STUCK_MS = 500, EXIT_STUCK = 70 };

static atomic_uint_least64_t fed_ns;
static int watched_fd;
static bool watch_silence;

/* Bytes that came in since the loop stopped to read show that the other end lives. */
static void *watch(void *unused)
{
	const struct timespec pause = {0, LOOK_MS * 1000000};
	uint64_t last_fed = 0, heard_ns = 0, now;
	int waiting, last_waiting = 0;

	(void)unused;
	for (;;) {
		struct pollfd poll_fd = {watched_fd, POLLIN, 0};

		nanosleep(&pause, NULL);
		now = clock_monotonic_ns();
		if (atomic_load(&fed_ns) != last_fed || !heard_ns) {
			last_fed = atomic_load(&fed_ns);
			heard_ns = now;
			last_waiting = 0;
		}
		if (now - last_fed < STUCK_MS * 1000000ull)
			continue;
		waiting = 0;
		if (ioctl(watched_fd, FIONREAD, &waiting) == 0 && waiting != last_waiting) {
			last_waiting = waiting;
			heard_ns = now;
		}
		poll(&poll_fd, 1, 0);
		if ((poll_fd.revents & (POLLHUP | POLLERR | POLLNVAL)) ||
		    ((poll_fd.revents & POLLIN) && !waiting))
			_exit(EXIT_STUCK);
		if (watch_silence && now - heard_ns > SILENCE_MS * 1000000ull)
			_exit(EXIT_SILENCE);
	}
	return NULL;
}

bool watchdog_start(int fd, bool heartbeat)
{
	pthread_attr_t attributes;
	pthread_t thread;
	bool started;

	watched_fd = fd;
	watch_silence = heartbeat;
	watchdog_feed();
	if (pthread_attr_init(&attributes))
		return false;
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	started = pthread_create(&thread, &attributes, watch, NULL) == 0;
	pthread_attr_destroy(&attributes);
	return started;
}

void watchdog_feed(void)
{
	atomic_store(&fed_ns, clock_monotonic_ns());
}
