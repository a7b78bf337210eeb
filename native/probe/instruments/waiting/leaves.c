/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/leaves.h"

#include <stdlib.h>
#include <string.h>

#include "host/procfs.h"

_Static_assert((int)LIVE_REQUEST == (int)PARKED_REQUEST, "what a coroutine has of its request");

enum {
	LEAVES_MAX = LIVE_MAX,
	/* Coroutines inside coroutines. */
	DEEPEST = 200,
};

bool leaves_open(struct leaves *l)
{
	memset(l, 0, sizeof(*l));
	l->items = malloc(LEAVES_MAX * sizeof(*l->items));
	l->copies = malloc(LEAVES_MAX * sizeof(*l->copies));
	l->threads = malloc(LEAVES_MAX * sizeof(*l->threads));
	/* Further VMs are rare, and get their memory when they are met. */
	return l->items && l->copies && l->threads && live_open(&l->live) &&
	       parked_open(&l->parked[0]) && parked_open(&l->inner) && known_waits_open(&l->known);
}

void leaves_close(struct leaves *l)
{
	for (size_t i = 0; i < SAMPLE_VMS; i++)
		parked_close(&l->parked[i]);
	parked_close(&l->inner);
	known_waits_close(&l->known);
	live_close(&l->live);
	free(l->items);
	free(l->threads);
	free(l->copies);
}

static void meet(struct leaves *l, struct leaf *leaf, struct parked *p)
{
	const struct known_wait *known = known_wait_of(&l->known, p);

	leaf->parked = p;
	leaf->known = NULL;
	p->known = known != NULL;
	if (!known)
		return;
	l->copies[leaf - l->items] = *known;
	leaf->known = &l->copies[leaf - l->items];
}

/* Returns how many of the leaves have resumed another. */
static size_t find_children(struct leaves *l, size_t first, uint32_t slot)
{
	size_t n = 0;

	for (size_t i = first; i < l->count; i++) {
		struct leaf *leaf = &l->items[i];

		leaf->child = leaf->innermost ? 0
			      : leaf->known   ? leaf->known->child
					      : parked_child(leaf->parked, leaf->vm, slot);
		leaf->innermost |= !leaf->child;
		if (leaf->child)
			l->threads[n++] = leaf->child;
	}
	return n;
}

/* In the place of each leaf that has resumed one which waits, that one: from `at` on. */
static void replace(struct leaves *l, size_t first, size_t at)
{
	struct parked_list *inner = &l->inner;

	for (size_t i = first; i < l->count; i++) {
		struct leaf *leaf = &l->items[i];
		struct parked *child = &inner->items[at];
		bool was_known = leaf->known != NULL;

		if (!leaf->child)
			continue;
		leaf->innermost = leaf->unsure = true;
		/* It says which coroutine waited in its stead, and nothing of itself. */
		leaf->known = NULL;
		if (at == inner->count || child->thread != leaf->child)
			continue;
		at++;
		if (child->head.exdata != leaf->parked->head.exdata)
			continue;
		if (!was_known)
			known_wait_new(&l->known, leaf->parked)->child = leaf->child;
		leaf->innermost = leaf->unsure = false;
		meet(l, leaf, child);
	}
}

/*
 * In the place of a coroutine that has resumed another which waits, that one: a level of coroutines
 * within coroutines at a time, for all requests at once.
 */
static void go_inwards(struct leaves *l, struct lua_vm *vm, size_t first, uint32_t slot)
{
	size_t n, at;

	for (int level = 0; level < DEEPEST; level++) {
		n = find_children(l, first, slot);
		if (!n)
			return;
		at = l->inner.count;
		parked_append(&l->inner, vm, l->threads, n);
		replace(l, first, at);
		parked_read_rest(&l->inner, vm, at);
	}
}

static void read_vm(struct leaves *l, struct parked_list *parked, struct lua_vm *vm,
		    uint64_t *table, uint32_t slot)
{
	size_t first = l->count;

	if (!parked->items && !parked_open(parked))
		return;
	parked_read(parked, vm, table);
	l->left_out += parked->left_out;
	for (size_t i = 0; i < parked->count; i++) {
		if (l->count == LEAVES_MAX) {
			l->left_out++;
			continue;
		}
		l->items[l->count] = (struct leaf){.vm = vm};
		meet(l, &l->items[l->count++], &parked->items[i]);
	}
	parked_read_rest(parked, vm, 0);
	go_inwards(l, vm, first, slot);
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
		if (r->request != r->main ||
		    bsearch(&key, l->items, with_lua, sizeof(key), by_main))
			continue;
		if (l->count == LEAVES_MAX)
			l->left_out++;
		else
			l->items[l->count++] = (struct leaf){.main = r->main, .request = r};
	}
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Of those that are not known the request; of the others, which requests need not be read. */
static size_t sort_out(struct leaves *l, const struct process *p)
{
	size_t n = 0;

	live_begin(&l->live);
	for (size_t i = 0; i < l->count; i++) {
		const struct parked *parked = l->items[i].parked;

		if (l->items[i].known)
			l->threads[n++] = parked->head.exdata;
		else
			live_add(&l->live, p, parked->head.exdata, parked->request);
	}
	qsort(l->threads, n, sizeof(*l->threads), by_value);
	return n;
}

static void find_requests(struct leaves *l)
{
	for (size_t i = 0; i < l->count; i++) {
		struct leaf *leaf = &l->items[i];

		leaf->main = leaf->known ? leaf->known->main : leaf->parked->head.exdata;
		if (leaf->known)
			continue;
		leaf->request = live_find(&l->live, leaf->main);
		if (leaf->request)
			leaf->main = leaf->request->main;
	}
}

void leaves_read(struct leaves *l, struct process *p, struct live_table *connections,
		 uint64_t tables[SAMPLE_VMS], uint64_t now_ms)
{
	struct proc_stat stat;
	size_t with_lua, known;

	l->count = l->left_out = l->inner.count = l->inner.left_out = 0;
	l->busy = !proc_stat(p->pid, &stat) && stat.state == 'R';
	parked_walk_begin(p->pid);
	for (size_t i = 0; i < p->vm_count && i < SAMPLE_VMS; i++)
		read_vm(l, &l->parked[i], p->vms[i], &tables[i], p->request.known.slot);
	drop_doubles(l);
	known = sort_out(l, p);
	live_read(&l->live, connections, p, l->threads, known, now_ms);
	l->has_table = connections->connections != 0;
	find_requests(l);
	qsort(l->items, l->count, sizeof(*l->items), by_main);
	with_lua = l->count;
	add_others(l, with_lua);
	l->left_out += l->live.left_out + l->inner.left_out;
}
