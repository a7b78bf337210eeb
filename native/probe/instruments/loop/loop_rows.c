/* SPDX-License-Identifier: MIT */
#include "instruments/loop/loop_rows.h"

#include "naming/frames.h"

/* More stacks of one stall are not listed; all are in loop.stalls. */
enum { LISTED = 12 };

static const struct series iterations = {
	.name = "loop.iterations",
	.instrument = "loop",
	.unit = "us",
	.shape = SERIES_TABLES,
	.buckets = true,
};

/* Time of stalls, by the stack that ran or was blocked in it. */
static const struct series stalls = {
	.name = "loop.stalls",
	.instrument = "loop",
	.unit = "us",
	.shape = SERIES_STACKS,
	.estimated = true,
};

/* Of each stall its largest stacks: those of one have its time and worker. */
static const struct series parts = {
	.name = "loop.stall_parts",
	.instrument = "loop",
	.unit = "us",
	.shape = SERIES_POINTS,
	.key_count = 3,
	.keys = {{"length", true}, {"part", true}, {"exact", true}},
};

static const struct series workers = {
	.name = "loop.workers",
	.instrument = "loop",
	.unit = "us",
	.shape = SERIES_POINTS,
	.key_count = 3,
	.keys = {{"interval", true}, {"idle", true}, {"queued", true}},
};

void loop_rows_add(struct loop_rows *r, pid_t pid, uint64_t count, uint64_t ns)
{
	static const uint32_t no_keys[1];
	uint64_t us = ns / 1000;

	r->iterations += count;
	r->iterations_us += us;
	if (!model_add_table(r->traced->model, &iterations, pid, no_keys, count, us))
		r->lost += count;
}

static uint64_t time_us(const struct loop_rows *r, uint64_t ns)
{
	return ns > r->traced->started_ns ? (ns - r->traced->started_ns) / 1000 : 0;
}

static void list(struct loop_rows *r, pid_t pid, const struct stall *s, bool exact, uint32_t stack,
		 uint64_t ns)
{
	struct model_point point = {
		.time_us = time_us(r, s->began),
		.pid = (uint32_t)pid,
		.stack = stack,
		.numbers = {(double)((s->until - s->began) / 1000), (double)(ns / 1000), exact},
	};

	if (!model_add_point(r->traced->model, &parts, &point))
		r->lost++;
}

static void add_mark(struct loop_rows *r, pid_t pid, const struct stall *s, bool exact,
		     const char *mark, uint64_t ns)
{
	struct model *m = r->traced->model;
	const struct model_labels none = {0};
	struct model_place place = {
		.stack = model_stack(m, 0, frame_mark(m, mark, FRAME_UNKNOWN)),
		.pid = (uint32_t)pid,
		.labels = model_label_set(m, &none),
	};

	if (!ns)
		return;
	model_add(m, &stalls, &place, 0, ns / 1000);
	list(r, pid, s, exact, place.stack, ns);
}

/* True if fewer than LISTED parts are larger. */
static bool is_listed(const struct stall *s, uint32_t i)
{
	uint32_t larger = 0;

	for (uint32_t k = 0; k < s->count; k++)
		larger += s->parts[k].ns > s->parts[i].ns ||
			  (s->parts[k].ns == s->parts[i].ns && k < i);
	return larger < LISTED;
}

void loop_rows_stall(struct loop_rows *r, pid_t pid, const struct stall *s, bool exact)
{
	uint64_t other_ns = s->other_ns;

	for (uint32_t i = 0; i < s->count; i++) {
		const struct stall_part *p = &s->parts[i];

		if (!model_add(r->traced->model, &stalls, &p->place, p->looks, p->ns / 1000))
			r->lost++;
		if (is_listed(s, i))
			list(r, pid, s, exact, p->place.stack, p->ns);
		else
			other_ns += p->ns;
	}
	add_mark(r, pid, s, exact, "[stack not taken]", s->unknown_ns);
	/* In loop.stalls those of the list's end are themselves. */
	if (s->other_ns)
		add_mark(r, pid, s, exact, "[more stacks]", s->other_ns);
	if (other_ns > s->other_ns)
		list(r, pid, s, exact, 0, other_ns - s->other_ns);
}

void loop_rows_point(struct loop_rows *r, pid_t pid, uint64_t now_ns, uint64_t interval_ns,
		     uint64_t idle_ns, uint64_t queued_ns)
{
	struct model_point point = {
		.time_us = time_us(r, now_ns),
		.pid = (uint32_t)pid,
		.numbers = {(double)(interval_ns / 1000), (double)(idle_ns / 1000),
			    (double)(queued_ns / 1000)},
	};

	if (!model_add_point(r->traced->model, &workers, &point))
		r->lost++;
}
