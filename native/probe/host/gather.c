/* SPDX-License-Identifier: MIT */
#include "host/gather.h"

#include <stdlib.h>
#include <string.h>

enum {
	/* A read costs as much as a page and a half of it. */
	GAP = 2048,
	RUN = 1 << 16,
};

static uint8_t run[RUN];

static int by_address(const void *a, const void *b)
{
	const struct piece *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static bool is_sorted(const struct piece *pieces, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (pieces[i].address < pieces[i - 1].address)
			return false;
	return true;
}

static void read_alone(const struct memory *m, const struct piece *p, uint8_t *out)
{
	size_t n = memory_read_some(m, p->address, out + p->at, p->size);

	memset(out + p->at + n, 0, p->size - n);
}

/* How many pieces from the first on fit one read, and how long that is. */
static size_t run_of(const struct piece *pieces, size_t count, uint64_t *size)
{
	uint64_t start = pieces[0].address, end = start + pieces[0].size, next;
	size_t n;

	for (n = 1; n < count; n++) {
		next = pieces[n].address + pieces[n].size;
		if (pieces[n].address > end + GAP || next < pieces[n].address ||
		    (next > end && next - start > RUN))
			break;
		if (next > end)
			end = next;
	}
	*size = end - start;
	return n;
}

void memory_gather(const struct memory *m, struct piece *pieces, size_t count, uint8_t *out)
{
	uint64_t size, start;
	size_t n, got;

	if (!is_sorted(pieces, count))
		qsort(pieces, count, sizeof(*pieces), by_address);
	for (; count; pieces += n, count -= n) {
		n = run_of(pieces, count, &size);
		start = pieces[0].address;
		got = n > 1 && size <= RUN ? memory_read_some(m, start, run, size) : 0;
		for (size_t i = 0; i < n; i++) {
			if (pieces[i].address - start + pieces[i].size <= got)
				memcpy(out + pieces[i].at, run + (pieces[i].address - start),
				       pieces[i].size);
			else
				read_alone(m, &pieces[i], out);
		}
	}
}
