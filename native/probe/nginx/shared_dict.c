/* SPDX-License-Identifier: MIT */
#include "nginx/shared_dict.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "host/chance.h"

enum {
	LOOK_BYTES = 2 << 20,
	TABLE_CHUNK = 4096, /* entries of the page table that are read at once */
	TABLE_MAX = 1 << 20,
	PAGE_MAX = 1 << 16,
	/* Blocks of half a page and less by class; whole pages are a class of their own. */
	RUNS = SLAB_CLASSES,
	CLASSES,
};

/* The tree's node and the entry in one, up to its key: ngx_rbtree_node_t,
 * ngx_http_lua_shdict_node_t. */
struct entry {
	uint64_t hash, left, right, parent;
	uint8_t color, type;
	uint16_t key_length;
	uint32_t value_length;
	uint64_t expires; /* Unix time in ms; 0: never. From here on nothing is aligned. */
} __attribute__((packed));
_Static_assert(offsetof(struct entry, expires) == 40, "as the compiler of nginx lays it out");

/* ngx_http_lua_shdict_shctx_t: the tree, its sentinel, the queue by use. */
struct head {
	uint64_t root, sentinel, insert;
	uint64_t sentinel_node[5];
	uint64_t queue[2];
};
#define SENTINEL offsetof(struct head, sentinel_node)

struct tally {
	uint64_t used, entries, expired;
};

struct look {
	const struct zone_memory *z;
	const struct slab *s;
	uint64_t now_ms;
	struct tally classes[CLASSES];
	uint64_t runs; /* in the whole zone */
	uint32_t used_pages, kept, capacity;
	struct chance chance;
	struct kept {
		uint32_t page;
		struct slab_use use;
	} * pages;
};

static bool read_head(const struct zone_memory *z, const struct slab *s, struct head *head)
{
	return s->data && zone_read(z, s->data, head, sizeof(*head)) &&
	       head->sentinel == s->data + SENTINEL && zone_has(z, head->root, 1) &&
	       zone_has(z, head->queue[0], 16) && zone_has(z, head->queue[1], 16);
}

/* Keeps each of the used pages with the same chance. */
static void keep(struct look *l, uint32_t page, const struct slab_use *use)
{
	uint64_t place = l->used_pages++;

	if (place >= l->capacity) {
		place = chance_bits(&l->chance) % l->used_pages;
		if (place >= l->capacity)
			return;
	} else {
		l->kept++;
	}
	l->pages[place] = (struct kept){page, *use};
}

static bool read_table(struct look *l)
{
	struct slab_page *table = malloc(TABLE_CHUNK * sizeof(*table));
	uint32_t pages = l->s->pages, done = 0;

	while (table && done < pages) {
		uint32_t n = pages - done < TABLE_CHUNK ? pages - done : TABLE_CHUNK;

		if (!zone_read(l->z, l->s->table + (uint64_t)done * sizeof(*table), table,
			       n * sizeof(*table)))
			break;
		for (uint32_t i = 0; i < n; i++) {
			struct slab_use use = slab_use_of(l->s, &table[i]);

			if (use.kind == SLAB_RUN)
				l->runs++;
			if (use.kind == SLAB_RUN || use.kind == SLAB_BLOCKS)
				keep(l, done + i, &use);
		}
		done += n;
	}
	free(table);
	return done == pages;
}

static bool in_tree(const struct look *l, uint64_t node)
{
	return zone_has(l->z, node, sizeof(struct entry)) && !(node & 7);
}

/* An element of a list begins with two pointers where an entry has a hash of 32 bits. */
static void look_at_block(struct look *l, struct tally *t, const uint8_t *bytes, size_t size)
{
	struct entry e;

	t->used++;
	if (size < sizeof(e))
		return;
	memcpy(&e, bytes, sizeof(e));
	if (e.hash > UINT32_MAX || !in_tree(l, e.left) || !in_tree(l, e.right) ||
	    (e.parent && !in_tree(l, e.parent)) || e.color > 1)
		return;
	t->entries++;
	t->expired += e.expires && e.expires <= l->now_ms;
}

static bool is_used(const struct slab_use *use, const uint8_t *page, uint32_t block)
{
	uint64_t map = use->map;

	if (use->map_inside)
		memcpy(&map, page + block / 64 * 8, sizeof(map));
	return map >> block % 64 & 1;
}

/* The first blocks of a page that has its map inside are the map. */
static uint32_t map_blocks(const struct slab_use *use, uint32_t count)
{
	uint32_t bytes = count / 8, size = 1u << use->shift;

	return !use->map_inside ? 0 : bytes > size ? bytes / size : 1;
}

static void look_at_page(struct look *l, const struct slab_use *use, const uint8_t *page)
{
	uint32_t count, class = use->shift - l->s->least_shift;

	if (use->kind == SLAB_RUN) {
		look_at_block(l, &l->classes[RUNS], page, l->s->page_bytes);
		return;
	}
	if (class >= l->s->class_count)
		return;
	count = l->s->page_bytes >> use->shift;
	for (uint32_t i = map_blocks(use, count); i < count; i++)
		if (is_used(use, page, i))
			look_at_block(l, &l->classes[class], page + ((size_t)i << use->shift),
				      1u << use->shift);
}

static void add_up(const struct look *l, struct shared_dict *out)
{
	bool all = out->pages_looked_at == out->pages_used;

	for (uint32_t i = 0; i < CLASSES; i++) {
		const struct tally *t = &l->classes[i];
		uint64_t used = i == RUNS ? l->runs : i < l->s->class_count ? l->s->used[i] : 0;
		double scale = all || !t->used ? 1 : (double)used / (double)t->used;

		out->entries += (uint64_t)((double)t->entries * scale + 0.5);
		out->expired += (uint64_t)((double)t->expired * scale + 0.5);
	}
}

bool shared_dict_read(const struct zone_memory *z, const struct slab *s, uint64_t now_ms,
		      struct shared_dict *out)
{
	struct look l = {.z = z, .s = s, .now_ms = now_ms, .chance = {0x9e3779b97f4a7c15}};
	struct head head;
	uint8_t *page;

	memset(out, 0, sizeof(*out));
	/* Without its file, each page would become one of the worker's. */
	if (z->fd < 0 || s->page_bytes > PAGE_MAX || s->pages > TABLE_MAX ||
	    !read_head(z, s, &head))
		return false;
	l.capacity = LOOK_BYTES / s->page_bytes;
	l.pages = calloc(l.capacity, sizeof(*l.pages));
	page = malloc(s->page_bytes);
	if (!page || !l.pages || !read_table(&l)) {
		free(page);
		free(l.pages);
		return false;
	}
	for (uint32_t i = 0; i < l.kept; i++) {
		uint64_t at = s->start + (uint64_t)l.pages[i].page * s->page_bytes;

		if (!zone_read(z, at, page, s->page_bytes))
			continue;
		out->pages_looked_at++;
		look_at_page(&l, &l.pages[i].use, page);
	}
	out->pages_used = l.used_pages;
	add_up(&l, out);
	free(page);
	free(l.pages);
	return true;
}
