/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/leaves.h"

#include <stdlib.h>
#include <string.h>

enum {
	LEAVES_MAX = LIVE_MAX,
	CHILDREN_MAX = 4096,
	/* Coroutines inside coroutines. */
	DEEPEST = 200,
};

bool leaves_open(struct leaves *l)
{
	memset(l, 0, sizeof(*l));
	l->children = malloc(CHILDREN_MAX * sizeof(*l->children));
	l->items = malloc(LEAVES_MAX * sizeof(*l->items));
	l->requests = malloc(LIVE_MAX * sizeof(*l->requests));
	/* Further VMs are rare, and get their memory when they are met. */
	return l->children && l->items && l->requests && live_open(&l->live) &&
	       parked_open(&l->parked[0]);
}

void leaves_close(struct leaves *l)
{
	for (size_t i = 0; i < SAMPLE_VMS; i++)
		parked_close(&l->parked[i]);
	live_close(&l->live);
	free(l->children);
	free(l->items);
	free(l->requests);
}

/* The innermost of those that it has resumed: that one waits. */
static const struct parked *innermost(struct leaves *l, const struct parked *p,
				      const struct lua_vm *vm, uint32_t slot)
{
	struct parked *child;

	for (int i = 0; i < DEEPEST; i++) {
		if (l->child_count == CHILDREN_MAX)
			return p;
		child = &l->children[l->child_count];
		if (!parked_child(p, vm, slot, child))
			return p;
		l->child_count++;
		p = child;
	}
	return p;
}

static void add_leaf(struct leaves *l, const struct parked *p, struct lua_vm *vm)
{
	if (l->count == LEAVES_MAX)
		l->left_out++;
	else
		l->items[l->count++] = (struct leaf){.main = p->head.exdata, .parked = p, .vm = vm};
}

static void read_vm(struct leaves *l, struct parked_list *parked, struct lua_vm *vm,
		    uint64_t *table, uint32_t slot)
{
	if (!parked->items && !parked_open(parked))
		return;
	parked_read(parked, vm, table);
	l->left_out += parked->left_out;
	for (size_t i = 0; i < parked->count; i++)
		add_leaf(l, innermost(l, &parked->items[i], vm, slot), vm);
}

static int by_thread(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return (x->parked->thread > y->parked->thread) - (x->parked->thread < y->parked->thread);
}

/* A light thread is met as itself and through the one that waits for it. */
static void drop_doubles(struct leaves *l)
{
	size_t n = 0;

	qsort(l->items, l->count, sizeof(*l->items), by_thread);
	for (size_t i = 0; i < l->count; i++)
		if (!n || l->items[n - 1].parked->thread != l->items[i].parked->thread)
			l->items[n++] = l->items[i];
	l->count = n;
}

static int by_request(const void *a, const void *b)
{
	const struct live *x = a, *y = b;

	return (x->request > y->request) - (x->request < y->request);
}

static const struct live *live_of(const struct leaves *l, uint64_t request)
{
	const struct live key = {.request = request};

	return bsearch(&key, l->live.items, l->live.count, sizeof(key), by_request);
}

static int by_main(const void *a, const void *b)
{
	const struct leaf *x = a, *y = b;

	return (x->main > y->main) - (x->main < y->main);
}

/* Requests in which no Lua waits stand for themselves. */
static void add_others(struct leaves *l, size_t with_lua)
{
	for (size_t i = 0; i < l->live.count; i++) {
		const struct live *r = &l->live.items[i];
		const struct leaf key = {.main = r->main};

		/* A subrequest is seen by its request, or by its Lua. */
		if (r->request != r->main || r->made_up ||
		    bsearch(&key, l->items, with_lua, sizeof(key), by_main))
			continue;
		if (l->count == LEAVES_MAX)
			l->left_out++;
		else
			l->items[l->count++] = (struct leaf){.main = r->main, .request = r};
	}
}

void leaves_read(struct leaves *l, struct process *p, struct live_table *connections,
		 uint64_t tables[SAMPLE_VMS], uint64_t now_ms)
{
	size_t requests = 0, with_lua;

	l->count = l->child_count = l->left_out = 0;
	parked_walk_begin(p->pid);
	for (size_t i = 0; i < p->vm_count && i < SAMPLE_VMS; i++)
		read_vm(l, &l->parked[i], p->vms[i], &tables[i], p->request.known.slot);
	drop_doubles(l);
	for (size_t i = 0; i < l->count; i++)
		if (l->items[i].main && requests < LIVE_MAX)
			l->requests[requests++] = l->items[i].main;
	live_read(&l->live, connections, p, l->requests, requests, now_ms);
	for (size_t i = 0; i < l->count; i++) {
		struct leaf *leaf = &l->items[i];

		leaf->request = live_of(l, leaf->main);
		if (leaf->request)
			leaf->main = leaf->request->main;
	}
	qsort(l->items, l->count, sizeof(*l->items), by_main);
	with_lua = l->count;
	add_others(l, with_lua);
	l->left_out += l->live.left_out;
}
