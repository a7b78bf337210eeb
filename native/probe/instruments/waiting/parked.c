/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/parked.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/object.h"

enum {
	NODES_READ = 128,
	NODES_MAX = 1 << 16,
	WAITS = 1, /* LUA_YIELD, in lua_State.status */
};

bool parked_open(struct parked_list *l)
{
	memset(l, 0, sizeof(*l));
	l->items = malloc(PARKED_MAX * sizeof(*l->items));
	l->threads = malloc(PARKED_MAX * sizeof(*l->threads));
	l->pieces = malloc(PARKED_MAX * sizeof(*l->pieces));
	l->heads = malloc(PARKED_MAX * sizeof(*l->heads));
	l->windows = malloc((size_t)PARKED_MAX * PARKED_WINDOW);
	if (l->items && l->threads && l->pieces && l->heads && l->windows)
		return true;
	parked_close(l);
	return false;
}

void parked_close(struct parked_list *l)
{
	free(l->items);
	free(l->threads);
	free(l->pieces);
	free(l->heads);
	free(l->windows);
	memset(l, 0, sizeof(*l));
}

static void add_thread(struct parked_list *l, size_t *count, uint64_t value)
{
	if (!VALUE_IS(value, LUA_THREAD))
		return;
	if (*count == PARKED_MAX)
		l->left_out++;
	else
		l->threads[(*count)++] = VALUE_POINTER(value);
}

static void read_nodes(struct parked_list *l, const struct lua_vm *vm,
		       const struct table_hash *hash, size_t *count)
{
	struct table_node nodes[NODES_READ];
	uint32_t end = hash->count < NODES_MAX ? hash->count : NODES_MAX, n;

	for (uint32_t i = 0; i < end; i += n) {
		n = end - i < NODES_READ ? end - i : NODES_READ;
		if (!table_read(&vm->memory, &vm->layout, hash, i, n, nodes))
			return;
		for (uint32_t k = 0; k < n; k++)
			add_thread(l, count, nodes[k].value);
	}
}

static void read_array(struct parked_list *l, const struct lua_vm *vm,
		       const struct table_hash *hash, size_t *count)
{
	uint64_t values[NODES_READ];
	uint32_t end = hash->array_count < NODES_MAX ? hash->array_count : NODES_MAX, n;

	for (uint32_t i = 0; hash->array && i < end; i += n) {
		n = end - i < NODES_READ ? end - i : NODES_READ;
		if (!memory_read(&vm->memory, hash->array + i * 8ULL, values, n * 8ULL))
			return;
		for (uint32_t k = 0; k < n; k++)
			add_thread(l, count, object_value(&vm->layout, values[k]));
	}
}

/* The coroutines that a table holds; 0: it is none of coroutines. */
static size_t threads_in(struct parked_list *l, const struct lua_vm *vm, uint64_t table)
{
	struct table_hash hash;
	size_t count = 0;

	if (!table_open(&vm->memory, &vm->layout, table, &hash))
		return 0;
	read_array(l, vm, &hash, &count);
	read_nodes(l, vm, &hash, &count);
	return count;
}

/* Of the registry's tables the one that holds coroutines: ngx_lua has no other, and Lua none. */
static uint64_t find_table(struct parked_list *l, const struct lua_vm *vm)
{
	struct table_node nodes[NODES_READ];
	struct table_hash hash;
	uint64_t registry;
	uint32_t n;

	if (!vm->layout.registry ||
	    !memory_u64(&vm->memory, vm->global + vm->layout.registry, &registry) ||
	    !table_open(&vm->memory, &vm->layout,
			VALUE_POINTER(object_value(&vm->layout, registry)), &hash))
		return 0;
	for (uint32_t i = 0; i < hash.count && i < NODES_MAX; i += n) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(&vm->memory, &vm->layout, &hash, i, n, nodes))
			return 0;
		for (uint32_t k = 0; k < n; k++)
			if (VALUE_IS(nodes[k].value, LUA_TABLE) &&
			    !VALUE_IS(nodes[k].key, LUA_STRING) &&
			    threads_in(l, vm, VALUE_POINTER(nodes[k].value)))
				return VALUE_POINTER(nodes[k].value);
	}
	return 0;
}

static void read_heads(struct parked_list *l, const struct lua_vm *vm, size_t count)
{
	if (vm->layout.gc32) {
		for (size_t i = 0; i < count; i++)
			if (lua_read_head(&l->heads[i], l->threads[i], true))
				memset(&l->heads[i], 0, sizeof(l->heads[i]));
		return;
	}
	for (size_t i = 0; i < count; i++)
		l->pieces[i] = (struct piece){l->threads[i], sizeof(struct lua_head),
					      (uint32_t)(i * sizeof(struct lua_head))};
	memory_gather(&vm->memory, l->pieces, count, (uint8_t *)l->heads);
}

/* One that waits, with a stack that makes sense; its window is to be read. */
static bool take_head(struct parked *p, uint64_t thread, const struct lua_head *h)
{
	uint64_t end = h->base + 16, start = end - PARKED_WINDOW;

	if (h->gct != WALK_THREAD || h->status != WAITS || (h->base & 7) || h->base <= h->stack ||
	    h->base - h->stack > 8ULL * h->size || !lua_is_object(h->stack))
		return false;
	p->thread = thread;
	p->head = *h;
	p->window_at = start > h->stack && start < end ? start : h->stack;
	p->window_size = (uint32_t)(end - p->window_at);
	return true;
}

void parked_read(struct parked_list *l, const struct lua_vm *vm, uint64_t *table)
{
	size_t count = 0;

	l->count = 0;
	l->left_out = 0;
	if (*table)
		count = threads_in(l, vm, *table);
	if (!count && (*table = find_table(l, vm)))
		count = threads_in(l, vm, *table);
	read_heads(l, vm, count);
	for (size_t i = 0; i < count; i++) {
		struct parked *p = &l->items[l->count];

		if (!take_head(p, l->threads[i], &l->heads[i]))
			continue;
		l->pieces[l->count] = (struct piece){p->window_at, p->window_size,
						     (uint32_t)(l->count * PARKED_WINDOW)};
		l->count++;
	}
	memory_gather(&vm->memory, l->pieces, l->count, l->windows);
	for (size_t i = 0; i < l->count; i++)
		memcpy(l->items[i].window, l->windows + i * PARKED_WINDOW, PARKED_WINDOW);
}

bool parked_read_one(struct parked *out, const struct lua_vm *vm, uint64_t thread)
{
	struct lua_head head;

	return !lua_read_head(&head, thread, vm->layout.gc32) && take_head(out, thread, &head) &&
	       !target_pages_read(out->window, out->window_size, out->window_at);
}
