/* SPDX-License-Identifier: MIT */
#include "commands/commands.h"

#include "commands/confined.h"
#include "commands/session.h"
#include "commands/watchdog.h"
#include "host/usage.h"
#include "trace/samplers.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MILLISECOND 1000000ull

enum {
	/* How long last words may take to be read. */
	FAREWELL_MS = 200,
	EXIT_SIGNALLED = 130,
};

/* Read once around the loop: a flood of commands must not keep it from its other duties. */
static void read_commands(struct session *s, uint64_t *heard_ns)
{
	acupoint_wire_v1_ToProbe command;
	enum inbox_result result = INBOX_NOTHING;
	ptrdiff_t n = inbox_read(&s->in);

	if (n == -EAGAIN)
		return;
	if (n == 0 || n == -EIO || n == -ECONNRESET) {
		s->ended = true;
		return;
	}
	while (n > 0 && !s->ended) {
		result = inbox_next(&s->in, &command);
		if (result != INBOX_MESSAGE)
			break;
		session_command(s, &command);
	}
	/* After them: to start on a busy host may take longer than the other end may be silent. */
	*heard_ns = clock_monotonic_ns();
	if (n < 0 || result == INBOX_CORRUPT)
		session_fail(
			s, FAILURE_BAD_REQUEST,
			"What came in is not of this protocol, so the probe ends the session and "
			"detaches. Extension and probe may be of different versions.");
}

static int timeout_ms(uint64_t now_ns, uint64_t next_ns)
{
	return next_ns <= now_ns ? 0 : (int)((next_ns - now_ns + MILLISECOND - 1) / MILLISECOND);
}

static int run(struct session *s, int signal_fd, bool heartbeat)
{
	uint64_t heard_ns = clock_monotonic_ns();

	while (!s->ended) {
		uint64_t now_ns = clock_monotonic_ns(), next_ns = now_ns + 60000 * MILLISECOND;
		struct pollfd fds[] = {{s->in.fd, POLLIN, 0},
				       {s->out.fd, 0, 0},
				       {signal_fd, POLLIN, 0},
				       {s->heap.fd, POLLIN, 0}};

		watchdog_feed();
		session_tick(s, now_ns, &next_ns);
		if (outbox_flush(&s->out) < 0)
			break;
		if (transfer_waits(&s->transfers) && !outbox_pending(&s->out))
			continue;
		if (heartbeat && heard_ns + SILENCE_MS * MILLISECOND < next_ns)
			next_ns = heard_ns + SILENCE_MS * MILLISECOND;
		if (s->ended)
			break;
		if (outbox_pending(&s->out))
			fds[1].events = POLLOUT;
		now_ns = clock_monotonic_ns();
		/* Does not wait for pieces that cannot be passed on yet. */
		if (outbox_pending(&s->out) >= HEAP_RELAY_BUSY)
			fds[3].fd = -1;
		if (poll(fds, 4, timeout_ms(now_ns, next_ns)) < 0 && errno != EINTR) {
			fprintf(stderr, "acupoint-probe serve: cannot wait for input: %s\n",
				strerror(errno));
			return EXIT_FAILED;
		}
		if (fds[2].revents)
			return EXIT_SIGNALLED;
		if (fds[1].revents & (POLLERR | POLLHUP | POLLNVAL))
			break;
		if (fds[0].revents)
			read_commands(s, &heard_ns);
		if (heartbeat && clock_monotonic_ns() - heard_ns > SILENCE_MS * MILLISECOND)
			return EXIT_SILENCE;
	}
	return s->exit_code;
}

/* The last words, for as long as somebody takes them. */
static void say_farewell(struct session *s)
{
	uint64_t until_ns = clock_monotonic_ns() + FAREWELL_MS * MILLISECOND;

	while (outbox_flush(&s->out) == 0 && outbox_pending(&s->out)) {
		struct pollfd out = {s->out.fd, POLLOUT, 0};
		uint64_t now_ns = clock_monotonic_ns();

		if (now_ns >= until_ns || poll(&out, 1, timeout_ms(now_ns, until_ns)) <= 0 ||
		    (out.revents & (POLLERR | POLLNVAL)))
			return;
	}
}

static int block_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGQUIT);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -1;
	return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool parse(int argc, char **argv, bool *heartbeat, enum sampler_kind *sampler)
{
	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--no-heartbeat-limit")) {
			*heartbeat = false;
		} else if (!strcmp(argv[i], "--sampler") && i + 1 < argc &&
			   sampler_kind_of(argv[i + 1])) {
			*sampler = sampler_kind_of(argv[++i]);
		} else {
			fprintf(stderr, "acupoint-probe serve: unknown argument %s\n", argv[i]);
			return false;
		}
	}
	return true;
}

int command_serve(int argc, char **argv)
{
	static struct session session;
	enum sampler_kind sampler = SAMPLER_NONE;
	bool heartbeat = true;
	int in_flags = fcntl(STDIN_FILENO, F_GETFL), out_flags = fcntl(STDOUT_FILENO, F_GETFL);
	int signal_fd, exit_code = EXIT_FAILED;

	if (!parse(argc, argv, &heartbeat, &sampler))
		return EXIT_USAGE;
	if (in_flags < 0 || out_flags < 0) {
		fprintf(stderr, "acupoint-probe serve: needs stdin and stdout\n");
		return EXIT_USAGE;
	}
	signal_fd = block_signals();
	if (!confined_trace(sampler))
		return EXIT_FAILED;
	if (signal_fd < 0 || !session_init(&session, STDIN_FILENO, STDOUT_FILENO) ||
	    !watchdog_start(STDIN_FILENO, heartbeat)) {
		fprintf(stderr, "acupoint-probe serve: cannot start: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	fcntl(STDIN_FILENO, F_SETFL, in_flags | O_NONBLOCK);
	fcntl(STDOUT_FILENO, F_SETFL, out_flags | O_NONBLOCK);
	session.sampler = sampler;
	session_hello(&session);
	exit_code = run(&session, signal_fd, heartbeat);
	/* Detach first: last words may wait for a reader, the targets must not. */
	capture_stop(session.capture);
	session.capture = NULL;
	if (exit_code != EXIT_SILENCE)
		say_farewell(&session);
	session_free(&session);
	/* The flags belong to whoever shares these ends, a terminal for instance. */
	fcntl(STDIN_FILENO, F_SETFL, in_flags);
	fcntl(STDOUT_FILENO, F_SETFL, out_flags);
	return exit_code;
}
