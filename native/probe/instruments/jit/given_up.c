/* SPDX-License-Identifier: MIT */
#include "instruments/jit/given_up.h"

#include "instruments/jit/rows.h"

#define SEARCH_EVERY_NS 10000000000ULL

enum {
	TOLD_MAX = 4096,
	WINDOW = 65536,
	WINDOWS = 4, /* that are searched in one go */
	/* Of what is found in one go: instructions, and as many for each function. */
	WORK = 1 << 16,
	WORK_FUNCTION = 1 << 10,
	PLACES_MAX = 64,
	ALIGNED = 8,
};

void given_up_init(struct given_up *g)
{
	*g = (struct given_up){.told = id_map_of(TOLD_MAX)};
}

void given_up_free(struct given_up *g)
{
	segments_free(&g->segments);
	id_map_free(&g->told);
}

/* True the first time. Where too many were told the rest is left out. */
static bool is_new(struct given_up *g, const struct proto *p, uint64_t pc)
{
	uint64_t key = id_map_key(pc, p->print);
	uint32_t unused;

	return !id_map_get(&g->told, key, &unused) && g->told.count < TOLD_MAX * 3 / 4 &&
	       id_map_put(&g->told, key, 1, NULL);
}

static void tell(struct given_up *g, struct model *m, const struct lua_vm *vm,
		 const struct proto *p, uint32_t position, const char *kind)
{
	struct lua_place place;

	if (!is_new(g, p, p->code + position * 4ULL))
		return;
	place = place_in(m, vm, p, position);
	add_blacklisted(m, vm->memory.pid, &place, kind);
}

void given_up_add(struct given_up *g, struct model *m, const struct lua_vm *vm,
		  const struct proto *p, uint32_t position, enum blacklisted kind)
{
	tell(g, m, vm, p, position,
	     kind == BLACKLISTED_FUNCTION ? KIND_FUNCTION
	     : kind == BLACKLISTED_LOOP	  ? KIND_LOOP
					  : KIND_ITERATOR_LOOP);
}

static void look_into(struct given_up *g, struct model *m, const struct lua_vm *vm,
		      const struct proto *p)
{
	struct blacklisted_place places[PLACES_MAX];
	size_t count;

	/* Its hot places get the same marks as those that were given up. */
	if (p->flags & PROTO_NO_JIT) {
		tell(g, m, vm, p, 0, KIND_OFF);
		return;
	}
	count = blacklisted_places(vm, p, places, PLACES_MAX);
	for (size_t i = 0; i < count; i++)
		given_up_add(g, m, vm, p, places[i].position, places[i].kind);
}

/* What is freed but not yet used again may still look like a function: its chunk's name is too. */
static bool has_name(const struct lua_vm *vm, const struct proto *p)
{
	uint8_t type;

	return memory_read(&vm->memory, p->chunkname + layout_type(&vm->layout), &type, 1) &&
	       type == LUA_STRING;
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
		    !(p.flags & (PROTO_NO_JIT | PROTO_BLACKLISTED)) || !has_name(vm, &p))
			continue;
		*work -= WORK_FUNCTION + (int64_t)p.bytecodes;
		look_into(g, m, vm, &p);
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
