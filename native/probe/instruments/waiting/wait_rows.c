/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/wait_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "instruments/waiting/wait_peer.h"
#include "naming/place.h"

/* Requests whose names are remembered. */
enum { REQUESTS_MAX = 65536, LONG_MS = 60000 };

static const struct series waiting = {
	.name = "waiting",
	.instrument = "waiting",
	.unit = "us",
	.shape = SERIES_STACKS,
	.estimated = true,
};

enum { KIND, PEER, OF, KEYS };

static const struct series waits_for = {
	.name = "waiting.for",
	.instrument = "waiting",
	.unit = "us",
	.shape = SERIES_TABLES,
	.estimated = true,
	.key_count = KEYS,
	.keys = {[KIND] = {"for", false}, [PEER] = {"peer", false}, [OF] = {"of", false}},
};

static const char no_layout[] =
	"Of the requests in flight only those whose Lua waits are seen: where this nginx keeps its "
	"connections is not known.";

bool wait_rows_open(struct wait_rows *r, const struct traced *traced)
{
	*r = (struct wait_rows){
		.traced = traced,
		.kinds = wait_kinds_of(),
		.named = id_map_of(2 * WAIT_PLACES),
		.places = malloc(WAIT_PLACES * sizeof(struct model_place)),
		.requests = id_map_of(REQUESTS_MAX),
		.missing = "",
	};
	return r->places != NULL;
}

void wait_rows_close(struct wait_rows *r)
{
	wait_kinds_free(&r->kinds);
	id_map_free(&r->named);
	id_map_free(&r->requests);
	free(r->places);
}

static void forget_places(struct wait_rows *r)
{
	id_map_clear(&r->named);
	r->place_count = 0;
}

void wait_rows_forget(struct wait_rows *r)
{
	const struct traced *t = r->traced;

	forget_places(r);
	id_map_clear(&r->kinds.known);
	naming_begin(t->naming, t->processes, t->count);
	for (size_t i = 0; i < t->count; i++)
		for (size_t k = 0; k < t->processes[i]->vm_count; k++)
			lua_read_catalogue(t->processes[i]->vms[k], t->naming->now_ms);
}

/* ---- requests ---- */

static void copy_text(char *out, uint64_t address, uint64_t length, size_t most, uint32_t *size)
{
	uint64_t n = length < most ? length : most;

	*size = n && !target_pages_read(out, (uint32_t)n, address) ? (uint32_t)n : 0;
}

static uint32_t name_request(struct wait_rows *r, const struct live *live)
{
	struct sample_request s;
	uint32_t line, host;
	bool other;

	memset(&s, 0, sizeof(s));
	copy_text(s.text, live->line, live->line_length, REQUEST_LINE, &line);
	copy_text(s.text + REQUEST_LINE, live->host, live->host_length, REQUEST_HOST, &host);
	if (!line)
		return 0;
	s.line_length = live->line_length < 0xffff ? (uint32_t)live->line_length : 0xffff;
	s.host_at = REQUEST_LINE;
	s.host_length = host ? (uint32_t)live->host_length : 0;
	s.text_size = host ? REQUEST_LINE + host : line;
	return request_names_get(&r->traced->naming->requests, &s, &other);
}

/* A request keeps its texts while it lives, and the next one at its place begins later. */
static uint32_t request_of(struct wait_rows *r, const struct process *p, const struct live *live)
{
	uint64_t key;
	uint32_t id;

	if (!live || live->made_up || !r->traced->naming->request_labels || !live->line_length)
		return 0;
	key = id_map_key(id_map_key(live->request, live->start_ms),
			 live->line ^ (uint64_t)p->pid << 48);
	if (id_map_get(&r->requests, key, &id))
		return id;
	id = name_request(r, live);
	id_map_put(&r->requests, key, id, NULL);
	return id;
}

/* ---- stacks ---- */

/* The stack with what is waited for as its innermost frame. */
static uint32_t mark_of(struct model *m, uint32_t stack, enum wait_kind kind, const char *peer)
{
	char text[WAIT_PEER + 48] = "[does not wait]";

	if (kind != WAIT_RUNS)
		snprintf(text, sizeof(text), peer[0] ? "[waits for: %s, %s]" : "[waits for: %s]",
			 wait_text(kind), peer);
	return model_stack(m, stack, frame_mark(m, text, FRAME_WAIT));
}

/*
 * Of what the names of a stack follow from. A closure of C that no module knows by itself is called
 * after its code, as are all that share it.
 */
static uint64_t hash_of(const struct lua_vm *vm, const struct parked_stack *s)
{
	uint64_t key = id_map_key(s->head.global, s->head.walked);
	const char *name;

	for (size_t i = 0; i < s->head.frames; i++) {
		const struct sample_frame *f = &s->frames[i];
		const struct c_identity id = {f->print, f->what, 0};
		bool is_shared = f->kind == SAMPLE_C && f->print == 1 &&
				 !catalogue_c(vm->catalogue, &id, &name);

		/* A join says which coroutines meet there, and their frames say how they are
		 * called. */
		key = id_map_key(key, (f->kind == SAMPLE_JOIN ? 1 : f->where) ^ (uint64_t)f->flags
											<< 48);
		if (f->kind == SAMPLE_LUA)
			key = id_map_key(key, f->print);
		else if (f->kind == SAMPLE_C && !is_shared)
			key = id_map_key(key, f->what);
	}
	return key;
}

/*
 * Requests that last on, as connections of websockets and event streams do, are told from those
 * that make up the latency of a gateway by a frame at their root.
 */
static bool is_long(const struct live *live)
{
	struct timespec now;
	uint64_t now_ms;

	if (!live || !live->start_ms || clock_gettime(CLOCK_REALTIME, &now))
		return false;
	now_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	return now_ms > live->start_ms + LONG_MS;
}

static uint32_t long_frame(struct model *m)
{
	return frame_mark(m, "[in flight for over a minute]", FRAME_WAIT);
}

static void put_root(struct frame_list *frames, uint32_t frame)
{
	if (frames->count == NAMED_FRAMES)
		return;
	memmove(frames->ids + 1, frames->ids, frames->count * sizeof(*frames->ids));
	frames->ids[0] = frame;
	frames->count++;
}

static struct model_place name_stack(struct wait_rows *r, struct process *p,
				     const struct lua_vm *vm, struct parked_stack *s, bool lasts)
{
	const struct taken_sample taken = {.head = &s->head, .frames = s->frames};
	uint64_t key = hash_of(vm, s);
	struct named_sample named;
	uint32_t index;

	key = id_map_key(key, (uint64_t)p->pid << 1 | lasts);
	if (id_map_get(&r->named, key, &index))
		return r->places[index - 1];
	if (r->place_count == WAIT_PLACES)
		forget_places(r);
	name_sample(r->traced->naming, p, &taken, &named);
	if (lasts)
		put_root(&named.frames, long_frame(r->traced->model));
	r->places[r->place_count++] = place_of(r->traced->model, &named);
	id_map_put(&r->named, key, r->place_count, NULL);
	return r->places[r->place_count - 1];
}

static struct model_place no_stack(const struct wait_rows *r, const struct process *p)
{
	return (struct model_place){
		.pid = (uint32_t)p->pid,
		.labels = model_label_set(r->traced->model, &(struct model_labels){0}),
	};
}

static void find_request(struct wait_rows *r, struct process *p, const struct leaves *l,
			 const struct leaf *leaf, struct known_wait *out)
{
	char peer[WAIT_PEER];

	out->kind = wait_of_request(leaf->request, l->busy, peer);
	out->peer = request_names_peer(&r->traced->naming->requests, peer, strlen(peer), true);
	out->place = no_stack(r, p);
	if (is_long(leaf->request))
		out->place.stack = model_stack(r->traced->model, 0, long_frame(r->traced->model));
	out->place.stack = mark_of(r->traced->model, out->place.stack, out->kind, peer);
	out->place.request = request_of(r, p, leaf->request);
}

static void find_wait(struct wait_rows *r, struct process *p, const struct leaf *leaf,
		      struct known_wait *out)
{
	static struct parked_stack stack;
	char peer[WAIT_PEER] = "";

	parked_walk(leaf->parked, leaf->vm, &stack);
	stack.head.pid = stack.head.tid = (uint32_t)p->pid;
	out->kind = wait_kind_of(&r->kinds, leaf->vm, &stack);
	/* Of all that was read at once only one can have gone on, and of that nothing fits
	 * together. */
	if (leaf->unsure || !stack.head.frames || (stack.head.flags & SAMPLE_BROKEN))
		out->kind = WAIT_RUNS;
	if (wait_has_peer(out->kind))
		wait_peer_of_socket(leaf->parked, peer);
	out->peer = request_names_peer(&r->traced->naming->requests, peer, strlen(peer), true);
	if (stack.head.frames)
		out->place = name_stack(r, p, leaf->vm, &stack, is_long(leaf->request));
	else
		out->place = no_stack(r, p);
	out->place.stack = mark_of(r->traced->model, out->place.stack, out->kind, peer);
	out->place.request = request_of(r, p, leaf->request);
	out->main = leaf->main;
	out->made_up = leaf->request && leaf->request->made_up;
}

static void find(struct wait_rows *r, struct process *p, struct leaves *l, const struct leaf *leaf,
		 struct known_wait *out)
{
	if (leaf->known) {
		*out = *leaf->known;
		return;
	}
	*out = (struct known_wait){0};
	if (!leaf->parked) {
		find_request(r, p, l, leaf, out);
		return;
	}
	find_wait(r, p, leaf, out);
	/* Without a layout more of its request may be known by the next look. */
	if (out->kind != WAIT_RUNS && leaf->request && p->request.known.line) {
		struct known_wait *known = known_wait_new(&l->known, leaf->parked);
		uint64_t print = known->print;

		*known = *out;
		known->thread = leaf->parked->thread;
		known->print = print;
	}
}

static void add_row(struct wait_rows *r, const struct known_wait *f, uint64_t us)
{
	struct model *m = r->traced->model;
	const char *text = wait_text(f->kind), *of = f->made_up ? "timer" : "request";
	uint32_t keys[KEYS] = {
		[KIND] = model_string(m, text, strlen(text)),
		[PEER] = f->peer,
		[OF] = model_string(m, of, strlen(of)),
	};

	model_add_table(m, &waits_for, (pid_t)f->place.pid, keys, 1, us);
	if (f->made_up)
		return;
	r->events++;
	r->us += us;
	if (!model_add(m, &waiting, &f->place, 1, us))
		r->lost_us += us;
}

/* One that only waits for others of its request is none that waits: they do in its stead. */
static bool waits_for_others(enum wait_kind k)
{
	return k == WAIT_SUBREQUEST || k == WAIT_LIGHT_THREADS;
}

enum { TOGETHER = 256 };

static void add_request(struct wait_rows *r, struct process *p, struct leaves *l, size_t first,
			size_t count, uint64_t us)
{
	static struct known_wait found[TOGETHER];
	size_t n = 0, kept = 0, given = 0, of;

	for (size_t i = 0; i < count && n < TOGETHER; i++)
		find(r, p, l, &l->items[first + i], &found[n++]);
	for (size_t i = 0; i < n; i++)
		kept += !waits_for_others(found[i].kind);
	of = kept ? kept : n;
	for (size_t i = 0; i < n; i++) {
		if (kept && waits_for_others(found[i].kind))
			continue;
		/* The rest of the division goes to the first ones. */
		add_row(r, &found[i], us / of + (given < us % of));
		given++;
	}
}

void wait_rows_add(struct wait_rows *r, struct process *p, struct leaves *l, uint64_t us)
{
	size_t i, n;

	r->missing = l->has_table ? "" : no_layout;
	for (i = 0; i < l->count; i += n) {
		for (n = 1; i + n < l->count && l->items[i + n].main == l->items[i].main; n++)
			;
		add_request(r, p, l, i, n, us);
	}
}
