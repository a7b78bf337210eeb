/* SPDX-License-Identifier: MIT */
#include "instruments/jit/given_up.h"

#include "instruments/jit/rows.h"

#define SEARCH_EVERY_NS 10000000000ULL

enum {
	KNOWN_MAX = 4096,
	WINDOW = 65536,
	WINDOWS = 4, /* that are searched in one go */
	/* Instructions that are read in one go; each function and each place counts as some. */
	WORK = 1 << 16,
	WORK_EACH = 1 << 9,
	PLACES_MAX = 64,
	ALIGNED = 8,
};

void given_up_init(struct given_up *g)
{
	*g = (struct given_up){.known = id_map_of(KNOWN_MAX)};
}

void given_up_free(struct given_up *g)
{
	segments_free(&g->segments);
	id_map_free(&g->known);
}

/* Where too many places are known, others are left out. */
static void add(struct given_up *g, struct model *m, const struct lua_vm *vm, const struct proto *p,
		uint32_t position, const char *kind)
{
	uint64_t key = id_map_key(p->code + position * 4ULL, p->print);
	struct lua_place place;
	uint32_t unused;

	if (!id_map_get(&g->known, key, &unused) && g->known.count < KNOWN_MAX * 3 / 4 &&
	    place_in(m, vm, p, position, &place) && id_map_put(&g->known, key, 1, NULL))
		add_blacklisted(m, vm->memory.pid, &place, kind);
}

void given_up_add(struct given_up *g, struct model *m, const struct lua_vm *vm,
		  const struct proto *p, uint32_t position, enum blacklisted kind)
{
	add(g, m, vm, p, position,
	    kind == BLACKLISTED_FUNCTION ? KIND_FUNCTION
	    : kind == BLACKLISTED_LOOP	 ? KIND_LOOP
					 : KIND_ITERATOR_LOOP);
}

/* How many places it had. */
static size_t look_into(struct given_up *g, struct model *m, const struct lua_vm *vm,
			const struct proto *p)
{
	struct blacklisted_place places[PLACES_MAX];
	size_t count;

	/* Its hot places get the same marks as those that were given up. */
	if (p->flags & PROTO_NO_JIT) {
		add(g, m, vm, p, 0, KIND_OFF);
		return 1;
	}
	count = blacklisted_places(vm, p, places, PLACES_MAX);
	for (size_t i = 0; i < count; i++)
		given_up_add(g, m, vm, p, places[i].position, places[i].kind);
	return count;
}

/* How far it has come, when there is no more `work` left. */
static size_t search_window(struct given_up *g, struct model *m, const struct lua_vm *vm,
			    const uint8_t *window, size_t size, int64_t *work)
{
	struct proto p;
	size_t at;

	for (at = 0; at + PROTO_SIZE <= size && *work > 0; at += ALIGNED) {
		if (window[at + layout_type(&vm->layout)] != LUA_PROTO ||
		    !proto_parse(&vm->layout, g->at + at, window + at, &p) ||
		    !(p.flags & (PROTO_NO_JIT | PROTO_BLACKLISTED)))
			continue;
		*work -= WORK_EACH * (1 + (int64_t)look_into(g, m, vm, &p)) + p.bytecodes;
	}
	return *work > 0 ? WINDOW : at;
}

static bool begin(struct given_up *g, const struct lua_vm *vm, uint64_t now_ns)
{
	if (now_ns < g->due_ns)
		return false;
	g->due_ns = now_ns + SEARCH_EVERY_NS;
	g->segment = 0;
	g->at = 0;
	return segments_of(vm, &g->segments) && g->segments.count;
}

bool given_up_search(struct given_up *g, struct model *m, const struct lua_vm *vm, uint64_t now_ns)
{
	static uint8_t window[WINDOW + PROTO_SIZE];
	const struct segment_range *s;
	int64_t work = WORK;
	size_t size;

	if (!g->segments.count && !begin(g, vm, now_ns))
		return false;
	for (int i = 0; i < WINDOWS && work > 0 && g->segment < g->segments.count; i++) {
		s = &g->segments.items[g->segment];
		if (g->at < s->start)
			g->at = s->start;
		size = s->end - g->at < sizeof(window) ? s->end - g->at : sizeof(window);
		size = memory_read_some(&vm->memory, g->at, window, size);
		g->at += search_window(g, m, vm, window, size, &work);
		if (g->at < s->end)
			continue;
		g->segment++;
		g->at = 0;
	}
	if (g->segment == g->segments.count) {
		segments_free(&g->segments);
		g->due_ns = now_ns + SEARCH_EVERY_NS;
	}
	return true;
}
