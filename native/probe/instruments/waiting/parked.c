/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/parked.h"

#include <stdlib.h>
#include <string.h>

#include "luajit/object.h"
#include "naming/id_map.h"

enum {
	NODES_READ = 128,
	NODES_MAX = 1 << 16,
	/* Of the registry, and of a table in it, to see what that is. */
	REGISTRY_MAX = 1024,
	ENOUGH = 256,
	WAITS = 1, /* LUA_YIELD, in lua_State.status */
	/* Bytes from a coroutine on: most often its stack lies right behind it. */
	HEAD_READ = 1024,
};

bool parked_open(struct parked_list *l)
{
	memset(l, 0, sizeof(*l));
	l->items = malloc(PARKED_MAX * sizeof(*l->items));
	l->threads = malloc(PARKED_MAX * sizeof(*l->threads));
	l->pieces = malloc(3 * PARKED_MAX * sizeof(*l->pieces));
	l->heads = malloc((size_t)PARKED_MAX * HEAD_READ);
	if (l->items && l->threads && l->pieces && l->heads)
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
		       const struct table_hash *hash, uint32_t most, size_t *count)
{
	struct table_node nodes[NODES_READ];
	uint32_t end = hash->count < most ? hash->count : most, n;

	for (uint32_t i = 0; i < end; i += n) {
		n = end - i < NODES_READ ? end - i : NODES_READ;
		if (!table_read(&vm->memory, &vm->layout, hash, i, n, nodes))
			return;
		for (uint32_t k = 0; k < n; k++)
			add_thread(l, count, nodes[k].value);
	}
}

static void read_array(struct parked_list *l, const struct lua_vm *vm,
		       const struct table_hash *hash, uint32_t most, size_t *count)
{
	uint64_t values[NODES_READ];
	uint32_t end = hash->array_count < most ? hash->array_count : most, n;

	for (uint32_t i = 0; hash->array && i < end; i += n) {
		n = end - i < NODES_READ ? end - i : NODES_READ;
		if (!memory_read(&vm->memory, hash->array + i * 8ULL, values, n * 8ULL))
			return;
		for (uint32_t k = 0; k < n; k++)
			add_thread(l, count, object_value(&vm->layout, values[k]));
	}
}

/* The coroutines among so many of a table's entries; 0: it is none of coroutines. */
static size_t threads_in(struct parked_list *l, const struct lua_vm *vm, uint64_t table,
			 uint32_t most)
{
	struct table_hash hash;
	size_t count = 0;

	if (!table_open(&vm->memory, &vm->layout, table, &hash))
		return 0;
	read_array(l, vm, &hash, most, &count);
	read_nodes(l, vm, &hash, most, &count);
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
	for (uint32_t i = 0; i < hash.count && i < REGISTRY_MAX; i += n) {
		n = hash.count - i < NODES_READ ? hash.count - i : NODES_READ;
		if (!table_read(&vm->memory, &vm->layout, &hash, i, n, nodes))
			return 0;
		for (uint32_t k = 0; k < n; k++)
			if (VALUE_IS(nodes[k].value, LUA_TABLE) &&
			    !VALUE_IS(nodes[k].key, LUA_STRING) &&
			    threads_in(l, vm, VALUE_POINTER(nodes[k].value), ENOUGH))
				return VALUE_POINTER(nodes[k].value);
	}
	return 0;
}

static void *head_of(const struct parked_list *l, size_t i)
{
	return l->heads + i * HEAD_READ;
}

static void read_heads(struct parked_list *l, const struct lua_vm *vm, const uint64_t *threads,
		       size_t count)
{
	if (vm->layout.gc32) {
		for (size_t i = 0; i < count; i++)
			if (lua_read_head(head_of(l, i), threads[i], true))
				memset(head_of(l, i), 0, sizeof(struct lua_head));
		return;
	}
	for (size_t i = 0; i < count; i++)
		l->pieces[i] = (struct piece){threads[i], HEAD_READ, (uint32_t)(i * HEAD_READ)};
	memory_gather(&vm->memory, l->pieces, count, l->heads);
}

/* One that waits, with a stack that makes sense. */
static bool take_head(struct parked *p, uint64_t thread, const struct lua_head *h,
		      const struct sampled_vm *vm)
{
	uint64_t end = h->base + 16, start = end - PARKED_WINDOW;

	if (h->gct != WALK_THREAD || h->status != WAITS || (h->base & 7) || h->base <= h->stack ||
	    h->base - h->stack > 8ULL * h->size || !lua_is_object(h->stack))
		return false;
	memset(&p->context, 0, offsetof(struct parked, request) - offsetof(struct parked, context));
	memset(p->request, 0, 8);
	p->known = false;
	p->thread = thread;
	p->head = *h;
	if (!vm->exdata)
		p->head.exdata = 0;
	if (!vm->exdata2)
		p->head.exdata2 = 0;
	p->window_at = start > h->stack && start < end ? start : h->stack;
	p->window_size = (uint32_t)(end - p->window_at);
	return true;
}

/* Pieces to be read at once, each to a place of its own in the list. */
struct batch {
	struct parked_list *list;
	size_t first, count;
};

static void add_piece(struct batch *b, uint64_t address, size_t size, const void *to)
{
	if (address)
		b->list->pieces[b->count++] = (struct piece){
			address, (uint32_t)size,
			(uint32_t)((const uint8_t *)to - (const uint8_t *)b->list->items)};
}

static void read_batch(struct batch *b, const struct lua_vm *vm)
{
	memory_gather(&vm->memory, b->list->pieces, b->count, (uint8_t *)b->list->items);
	b->count = 0;
}

static uint64_t print_of(const struct parked *p)
{
	const struct lua_head *h = &p->head;
	uint64_t print = id_map_key(h->base, h->top), word;

	print = id_map_key(print ^ h->stack, h->exdata);
	print = id_map_key(print ^ h->global, h->exdata2);
	for (uint32_t i = 0; i + 8 <= p->window_size; i += 8) {
		memcpy(&word, p->window + i, 8);
		print = (print ^ word) * 0x9e3779b97f4a7c15ULL;
		print ^= print >> 29;
	}
	return print;
}

static void read_windows(struct parked_list *l, const struct lua_vm *vm, size_t first)
{
	struct batch b = {.list = l};

	for (size_t i = first; i < l->count; i++) {
		struct parked *p = &l->items[i];
		uint64_t at = p->window_at - p->thread;

		if (!vm->layout.gc32 && at < HEAD_READ && p->window_size <= HEAD_READ - at)
			memcpy(p->window, (const uint8_t *)head_of(l, p->number) + at,
			       p->window_size);
		else
			add_piece(&b, p->window_at, p->window_size, p->window);
	}
	read_batch(&b, vm);
	for (size_t i = first; i < l->count; i++)
		l->items[i].print = print_of(&l->items[i]);
}

/* The function of the innermost frame, whose slot ends the window but for one of its arguments. */
static uint64_t leaf_of(const struct parked *p)
{
	uint64_t slot = 0;

	if (p->window_size >= 32)
		memcpy(&slot, p->window + p->window_size - 32, sizeof(slot));
	slot = LUA_POINTER(slot);
	return lua_is_object(slot) ? slot : 0;
}

/* Co-contexts and requests, then what is waited on. */
void parked_read_rest(struct parked_list *l, const struct lua_vm *vm, size_t first)
{
	struct batch b = {.list = l};
	struct parked *p;

	for (size_t i = first; i < l->count; i++) {
		p = &l->items[i];
		if (p->known)
			continue;
		add_piece(&b, p->head.exdata2, sizeof(p->context), &p->context);
		add_piece(&b, p->head.exdata, sizeof(p->request), p->request);
		p->leaf = vm->layout.gc32 ? 0 : leaf_of(p);
		add_piece(&b, p->leaf, sizeof(p->function), p->function);
	}
	read_batch(&b, vm);
	for (size_t i = first; i < l->count; i++) {
		p = &l->items[i];
		if (!p->known && p->context.data != p->head.exdata)
			add_piece(&b, p->context.data, sizeof(p->data), p->data);
	}
	read_batch(&b, vm);
}

void parked_append(struct parked_list *l, const struct lua_vm *vm, const uint64_t *threads,
		   size_t count)
{
	struct sampled_vm described;
	size_t first = l->count;

	if (count > PARKED_MAX) {
		l->left_out += count - PARKED_MAX;
		count = PARKED_MAX;
	}
	vm_describe(vm, &described);
	read_heads(l, vm, threads, count);
	for (size_t i = 0; i < count && l->count < PARKED_MAX; i++)
		if (take_head(&l->items[l->count], threads[i], head_of(l, i), &described))
			l->items[l->count++].number = (uint32_t)i;
	read_windows(l, vm, first);
}

void parked_read(struct parked_list *l, const struct lua_vm *vm, uint64_t *table)
{
	size_t count = 0;

	l->count = 0;
	l->left_out = 0;
	if (*table)
		count = threads_in(l, vm, *table, NODES_MAX);
	if (!count && (*table = find_table(l, vm)))
		count = threads_in(l, vm, *table, NODES_MAX);
	parked_append(l, vm, l->threads, count);
}
