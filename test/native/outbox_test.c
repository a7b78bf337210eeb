/* SPDX-License-Identifier: MIT */
/* modules: wire/outbox.c */
#include "check.h"

#include "wire/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

static uint8_t pattern(size_t at)
{
	return (uint8_t)(at * 31 + at / 251);
}

/* All bytes come out once and in order, whenever the reader reads and however much is refused. */
static void keeps_order_behind_a_slow_reader(void)
{
	size_t written = 0, taken = 0, refused = 0;
	static uint8_t bytes[70000];
	struct outbox o;
	int ends[2];

	CHECK(!pipe(ends));
	CHECK(!fcntl(ends[0], F_SETFL, O_NONBLOCK) && !fcntl(ends[1], F_SETFL, O_NONBLOCK));
	outbox_init(&o, ends[1]);
	srand(1);
	for (int round = 0; round < 3000 || outbox_pending(&o) || taken < written; round++) {
		size_t size = 1 + (size_t)rand() % 20000;
		uint8_t *out = round < 3000 ? outbox_reserve(&o, size) : NULL;

		if (out) {
			for (size_t i = 0; i < size; i++)
				out[i] = pattern(written + i);
			outbox_commit(&o, size);
			written += size;
		} else if (round < 3000) {
			CHECK(outbox_pending(&o) + size > OUTBOX_CAPACITY);
			refused++;
		}
		CHECK(!outbox_flush(&o));
		if (rand() % 6 == 0 || round >= 3000) {
			ssize_t n = read(ends[0], bytes, 1 + (size_t)rand() % sizeof(bytes));

			for (ssize_t i = 0; i < n; i++)
				CHECK(bytes[i] == pattern(taken + (size_t)i));
			taken += n > 0 ? (size_t)n : 0;
		}
	}
	CHECK(taken == written && refused > 0);
	/* The memory of a burst is given back. */
	CHECK(o.capacity <= 64 * 1024);
	close(ends[0]);
	CHECK(outbox_reserve(&o, 1));
	outbox_commit(&o, 1);
	CHECK(outbox_flush(&o) == -EPIPE);
	outbox_free(&o);
	close(ends[1]);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	RUN(keeps_order_behind_a_slow_reader());
	return CHECKS_RESULT;
}
