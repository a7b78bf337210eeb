/* SPDX-License-Identifier: MIT */
#include "nginx/zones.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "host/memory.h"
#include "native/symbols.h"
#include "nginx/variable.h"

enum { PARTS_MAX = 64, LIST_MAX = 4096, CYCLE_READ = 0x300 };

/* ngx_list_t */
struct list {
	uint64_t last, items, count, next, item_size, capacity, pool;
};

/* ngx_shm_zone_t, as far as all versions have it; newer ones are longer. */
struct shared_zone {
	uint64_t data, address, size, name_length, name, log, exists, init, tag;
};
enum { ZONE_SIZE_MAX = 160 };
/* More than a process can map is no size. */
#define SIZE_LIMIT (1ULL << 47)

/* ngx_module_t: its name, since 1.9.11. */
enum { MODULE_NAME = 16 };

static const char no_variable[] = "This nginx does not export where its configuration is (it was "
				  "stripped of all symbols), so "
				  "its shared memory zones cannot be found.";
static const char not_readable[] =
	"The list of shared memory zones cannot be found in the memory of this nginx.";

/*
 * Of the lists of a cycle that take their memory from its pool, the zones' is the one whose items
 * have the size of a zone. Where it is depends on the version.
 */
static bool find_list(const struct memory *m, uint64_t cycle, struct list *out)
{
	uint64_t words[CYCLE_READ / 8], pool;
	size_t n = memory_read_some(m, cycle, words, sizeof(words)) / 8;

	if (n < 2)
		return false;
	pool = words[1];
	for (size_t i = 2; i + sizeof(*out) / 8 <= n; i++) {
		memcpy(out, &words[i], sizeof(*out));
		if (out->pool == pool && out->item_size >= sizeof(struct shared_zone) &&
		    out->item_size <= ZONE_SIZE_MAX && out->capacity && out->capacity <= LIST_MAX &&
		    out->count <= out->capacity &&
		    (out->next ? out->last != 0 : out->last == cycle + (i + 1) * 8))
			return true;
	}
	return false;
}

static void read_text(const struct memory *m, uint64_t at, uint64_t length, char *out,
		      size_t capacity)
{
	size_t n = memory_read_some(m, at, out, length < capacity ? length : capacity - 1);

	out[n] = '\0';
}

/* The tag is by convention the module's own structure; what does not look so has no name. */
static void read_module(const struct memory *m, uint64_t tag, char *out, size_t capacity)
{
	uint64_t name;
	size_t length;

	out[0] = '\0';
	if (!memory_u64(m, tag + MODULE_NAME, &name))
		return;
	read_text(m, name, capacity, out, capacity);
	length = strspn(out, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (out[length] || strncmp(out, "ngx_", 4) || !strstr(out, "_module"))
		out[0] = '\0';
}

static bool is_lua(const char *module)
{
	return !strcmp(module, "ngx_http_lua_module") || !strcmp(module, "ngx_stream_lua_module");
}

static uint64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void look_into(pid_t pid, const struct mappings *maps, const struct shared_zone *found,
		      struct zone *out)
{
	const struct mapping *where = mappings_find(maps, found->address);
	struct zone_memory z;

	if (!where || where->perms[3] != 's' || found->size > where->end - found->address)
		return;
	zone_memory_open(&z, pid, where, found->address, found->size);
	out->resident = z.resident < found->size ? z.resident : found->size;
	out->has_slab = slab_read(&z, &out->slab);
	out->has_dict = out->has_slab && is_lua(out->module) &&
			shared_dict_read(&z, &out->slab, now_ms(), &out->dict);
	zone_memory_close(&z);
}

static bool read_zone(const struct memory *m, const struct mappings *maps, uint64_t at,
		      struct zone *out)
{
	struct shared_zone found;

	memset(out, 0, sizeof(*out));
	if (!memory_read(m, at, &found, sizeof(found)) || !found.name_length ||
	    found.size > SIZE_LIMIT)
		return false;
	read_text(m, found.name, found.name_length, out->name, sizeof(out->name));
	read_module(m, found.tag, out->module, sizeof(out->module));
	out->size = found.size;
	if (*out->name)
		look_into(m->pid, maps, &found, out);
	return *out->name;
}

/* The zones of one part of the list. */
static void read_part(const struct memory *m, const struct mappings *maps, uint64_t items,
		      uint64_t count, uint64_t item_size, struct zones *out)
{
	for (uint64_t i = 0; i < count; i++) {
		if (out->count < ZONES_MAX &&
		    read_zone(m, maps, items + i * item_size, &out->items[out->count]))
			out->count++;
		else
			out->left_out++;
	}
}

static bool read_list(const struct memory *m, const struct mappings *maps, uint64_t cycle,
		      struct zones *out)
{
	struct {
		uint64_t items, count, next;
	} part;
	struct list list;

	if (!find_list(m, cycle, &list))
		return false;
	read_part(m, maps, list.items, list.count, list.item_size, out);
	part.next = list.next;
	for (int i = 0; part.next && i < PARTS_MAX; i++) {
		if (!memory_read(m, part.next, &part, sizeof(part)) || part.count > list.capacity)
			return false;
		read_part(m, maps, part.items, part.count, list.item_size, out);
	}
	return true;
}

void zones_read(pid_t pid, uint64_t *variable, struct zones *out)
{
	const struct memory memory = {pid};
	struct mappings maps;
	uint64_t cycle;

	out->pid = pid;
	out->count = out->left_out = 0;
	out->missing = not_readable;
	if (mappings_read(pid, &maps))
		return;
	if (!*variable)
		*variable = nginx_variable(pid, &maps, "ngx_cycle");
	if (!*variable)
		out->missing = no_variable;
	else if (memory_u64(&memory, *variable, &cycle) && read_list(&memory, &maps, cycle, out))
		out->missing = "";
	mappings_free(&maps);
}
