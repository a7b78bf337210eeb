/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/live.h"

#include <stdlib.h>
#include <string.h>

#include "nginx/variable.h"

enum {
	CYCLE_READ = 0x300,
	/* Connections that a look reads at most; nginx takes the first ones first. */
	CONNECTIONS_MAX = 1 << 16,
	/* ngx_connection_t and ngx_event_t. */
	CONNECTION_LEAST = 0xc0,
	CONNECTION_MOST = 0x180,
	EVENT_BYTES = 0x60,
	CONNECTION_READ = 0x20,
	/* Connections that are read at once. */
	PART = 256,
	LOOK_AGAIN_MS = 2000,
};
/* Words of a request. */
enum { CONNECTION = 1, UPSTREAM = 9, STATES = 10 };
/* Bytes from its line on. Source: ngx_http_request_t, the same distances in all builds since 1.18.
 */
enum {
	BODY = -0x30,
	SECONDS = -0x20,
	MILLISECONDS = -0x18,
	LINE_TEXT = 8,
	MAIN = 0x88,
	PHASE = 0xb0
};

bool live_open(struct live_list *l)
{
	memset(l, 0, sizeof(*l));
	l->items = malloc(LIVE_MAX * sizeof(*l->items));
	l->found = malloc(LIVE_MAX * sizeof(*l->found));
	l->pieces = malloc(LIVE_MAX * sizeof(*l->pieces));
	l->bytes = malloc((size_t)LIVE_MAX * LIVE_REQUEST);
	if (l->items && l->found && l->pieces && l->bytes)
		return true;
	live_close(l);
	return false;
}

void live_close(struct live_list *l)
{
	free(l->items);
	free(l->found);
	free(l->pieces);
	free(l->bytes);
	memset(l, 0, sizeof(*l));
}

/* ---- the table ---- */

/* Connections are as far apart as their read events say. */
static uint32_t size_of_one(const struct memory *m, uint64_t connections, uint64_t events)
{
	uint64_t event;

	for (uint32_t size = CONNECTION_LEAST; size <= CONNECTION_MOST; size += 8)
		if (memory_u64(m, connections + size + 8, &event) && event == events + EVENT_BYTES)
			return size;
	return 0;
}

/*
 * Three words of the cycle: where its connections begin, their read events and their write events,
 * to which the first connection leads.
 */
static bool find_connections(struct live_table *t, const struct memory *m, uint64_t cycle)
{
	uint64_t words[CYCLE_READ / 8], events[2];
	size_t n = memory_read_some(m, cycle, words, sizeof(words)) / 8;

	for (size_t i = 2; i + 3 <= n; i++) {
		if (words[i] < 0x10000 || (words[i] & 7) || !words[i + 1] || !words[i + 2] ||
		    !memory_read(m, words[i] + 8, events, sizeof(events)) ||
		    events[0] != words[i + 1] || events[1] != words[i + 2])
			continue;
		t->bytes = size_of_one(m, words[i], words[i + 1]);
		if (!t->bytes || !words[i - 2])
			return false;
		t->connections = words[i];
		t->count =
			words[i - 2] < CONNECTIONS_MAX ? (uint32_t)words[i - 2] : CONNECTIONS_MAX;
		return true;
	}
	return false;
}

static bool find_table(struct live_table *t, const struct process *p, uint64_t now_ms)
{
	struct mappings maps;
	uint64_t cycle;

	if (t->connections)
		return true;
	if (t->looked_ms && now_ms - t->looked_ms < LOOK_AGAIN_MS)
		return false;
	t->looked_ms = now_ms;
	if (!t->variable && !mappings_read(p->pid, &maps)) {
		t->variable = nginx_variable(p->pid, &maps, "ngx_cycle");
		mappings_free(&maps);
	}
	return t->variable && memory_u64(&p->memory, t->variable, &cycle) &&
	       find_connections(t, &p->memory, cycle);
}

/* A connection that is in use has something that is no connection as its data. */
static bool take_connection(struct live_list *l, const struct live_table *t, const uint8_t *raw,
			    size_t *count)
{
	uint64_t data;
	int32_t descriptor;

	memcpy(&data, raw, sizeof(data));
	memcpy(&descriptor, raw + 0x18, sizeof(descriptor));
	if (!data || (data & 7) || descriptor == -1 ||
	    data - t->connections < (uint64_t)t->count * t->bytes)
		return false;
	if (*count == LIVE_MAX)
		l->left_out++;
	else
		l->found[(*count)++] = data;
	return true;
}

/* Reads a part of the table; true where a connection of it is in use. */
static bool read_part(struct live_list *l, const struct live_table *t, const struct memory *m,
		      uint32_t first, size_t *count)
{
	static uint8_t raw[PART * CONNECTION_MOST];
	uint32_t n = t->count - first < PART ? t->count - first : PART;
	bool used = false;

	n = (uint32_t)(memory_read_some(m, t->connections + (uint64_t)first * t->bytes, raw,
					(size_t)n * t->bytes) /
		       t->bytes);
	for (uint32_t i = 0; i < n; i++)
		used |= take_connection(l, t, raw + (size_t)i * t->bytes, count);
	return used;
}

/*
 * nginx takes the connection that was let go last, so that those in use lie at the beginning. Of
 * the rest, one part is read in each look.
 */
static size_t read_table(struct live_list *l, struct live_table *t, const struct memory *m)
{
	uint32_t end = t->used + PART < t->count ? t->used + PART : t->count, beyond;
	size_t count = 0;

	t->used = 0;
	for (uint32_t first = 0; first < end; first += PART)
		if (read_part(l, t, m, first, &count))
			t->used = first + PART;
	if (end >= t->count)
		return count;
	beyond = end + (t->turn++ * PART) % (t->count - end);
	beyond -= beyond % PART;
	if (beyond >= end && read_part(l, t, m, beyond, &count))
		t->used = beyond + PART;
	return count;
}

/* ---- requests ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t unique(uint64_t *values, size_t count)
{
	size_t n = 0;

	qsort(values, count, sizeof(*values), by_value);
	for (size_t i = 0; i < count; i++)
		if (!n || values[n - 1] != values[i])
			values[n++] = values[i];
	return n;
}

static int by_request(const void *a, const void *b)
{
	const struct live *x = a, *y = b;

	return (x->request > y->request) - (x->request < y->request);
}

const struct live *live_find(const struct live_list *l, uint64_t request)
{
	const struct live key = {.request = request};

	return bsearch(&key, l->items, l->count, sizeof(key), by_request);
}

static uint64_t word(const uint8_t *raw, size_t at)
{
	uint64_t value = 0;

	if (at + 8 <= LIVE_REQUEST)
		memcpy(&value, raw + at, 8);
	return value;
}

static void fill(struct live *r, const struct sampled_request *known, const uint8_t *raw)
{
	uint32_t line = known->line;

	if (known->server) {
		r->host_length = word(raw, known->server);
		r->host = word(raw, known->server + 8);
	}
	if (line < -BODY)
		return;
	r->main = word(raw, line + MAIN);
	r->body = word(raw, line + BODY);
	r->start_ms = word(raw, line + SECONDS) * 1000 + word(raw, line + MILLISECONDS);
	r->line_length = word(raw, line);
	r->line = word(raw, line + LINE_TEXT);
	r->phase = (uint32_t)word(raw, line + PHASE);
	r->made_up = !r->line_length;
}

void live_begin(struct live_list *l)
{
	l->count = 0;
	l->left_out = 0;
}

void live_add(struct live_list *l, const struct process *p, uint64_t request, const uint8_t *raw)
{
	struct live *r = &l->items[l->count];

	if ((uint32_t)word(raw, 0) != REQUEST_SIGNATURE)
		return;
	if (l->count == LIVE_MAX) {
		l->left_out++;
		return;
	}
	*r = (struct live){
		.request = request,
		.main = request,
		.connection = word(raw, 8 * CONNECTION),
		.upstream = word(raw, 8 * UPSTREAM),
		.states = word(raw, 8 * STATES),
	};
	fill(r, &p->request.known, raw);
	l->count++;
}

/* Each once, by address. */
static void settle(struct live_list *l)
{
	size_t n = 0;

	qsort(l->items, l->count, sizeof(*l->items), by_request);
	for (size_t i = 0; i < l->count; i++)
		if (!n || l->items[n - 1].request != l->items[i].request)
			l->items[n++] = l->items[i];
	l->count = n;
}

void live_read(struct live_list *l, struct live_table *t, const struct process *p,
	       const uint64_t *known, size_t known_count, uint64_t now_ms)
{
	size_t count = 0, n = 0;

	settle(l);
	if (find_table(t, p, now_ms))
		count = unique(l->found, read_table(l, t, &p->memory));
	/* Both ends of a proxied request have it as their data. */
	for (size_t i = 0; i < count; i++)
		if (!live_find(l, l->found[i]) &&
		    !bsearch(&l->found[i], known, known_count, sizeof(*known), by_value))
			l->found[n++] = l->found[i];
	for (size_t i = 0; i < n; i++)
		l->pieces[i] =
			(struct piece){l->found[i], LIVE_REQUEST, (uint32_t)(i * LIVE_REQUEST)};
	memory_gather(&p->memory, l->pieces, n, l->bytes);
	for (size_t i = 0; i < n; i++)
		live_add(l, p, l->found[i], l->bytes + i * LIVE_REQUEST);
	settle(l);
}
