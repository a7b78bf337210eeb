/* SPDX-License-Identifier: MIT */
#include "luajit/jit.h"

#include <linux/types.h>
#include <stdlib.h>
#include <string.h>

#include "host/array.h"
#include "luajit/snapshot.h"
#include "luajit/traced_call.h"
#include "walk/arch.h"

#define TRACES_MAX 65536
/* Reading all traces is the dearest thing here; the more there are the less often it is done. */
#define INDEX_EVERY_MS(traces) (250 + (traces) / 4)
#define CACHED_MAX 2048
#define CODE_MAX (16u << 20)
/* Of one trace; more are found again each time. */
#define CALLS_MAX 128

/* GCtrace of GC64 builds since 2019, as far as it is used. */
struct trace_head {
	uint64_t next;
	uint8_t marked, gct;
	uint16_t snapshots;
	uint32_t instructions;
	uint64_t pad, gclist, ir;
	uint32_t constants, snapshot_words;
	uint64_t snapshot, snapshot_map, start_proto, start_pc;
	uint32_t start_instruction, size;
	uint64_t mcode;
	uint32_t loop;
	uint16_t children, spadjust, number, link;
};

/* The same without GC64. */
struct trace_head_32 {
	uint32_t next;
	uint8_t marked, gct;
	uint16_t snapshots;
	uint32_t instructions, gclist;
	uint64_t ir;
	uint32_t constants, snapshot_words;
	uint64_t snapshot, snapshot_map;
	uint32_t start_proto, start_pc, start_instruction, size;
	uint64_t mcode;
	uint32_t loop;
	uint16_t children, spadjust, number, link;
};
_Static_assert(sizeof(struct trace_head_32) <= sizeof(struct trace_head), "read into its place");

struct index_entry {
	uint64_t mcode;
	uint32_t size;
	uint32_t number;
};

/* Who made a call of C; `frames` NULL: the snapshots tell. */
struct known_call {
	uint64_t address, base;
	struct inlined *frames;
};

struct cached {
	struct jit_trace trace;
	struct trace_snapshots snapshots; /* read on first use */
	bool snapshots_read;
	struct known_call *calls;
	uint32_t call_count, call_capacity;
	uint32_t checked; /* generation in which it was last compared with the VM */
};

struct jit {
	const struct memory *memory;
	struct layout *layout;
	uint64_t global;
	uint32_t generation;
	uint64_t now_ms, indexed_ms;
	struct index_entry *index; /* ascending by mcode */
	size_t indexed;
	struct cached *cached;
	size_t cached_count, cached_capacity;
};

struct jit *jit_new(const struct memory *m, struct layout *layout, uint64_t global)
{
	struct jit *j = calloc(1, sizeof(*j));

	if (j)
		*j = (struct jit){.memory = m, .layout = layout, .global = global};
	return j;
}

static void forget_code(struct cached *c)
{
	while (c->call_count)
		free(c->calls[--c->call_count].frames);
	free(c->calls);
	c->calls = NULL;
	c->call_capacity = 0;
	snapshots_free(&c->snapshots);
	c->snapshots_read = false;
}

static void forget(struct jit *j)
{
	size_t i;

	for (i = 0; i < j->cached_count; i++)
		forget_code(&j->cached[i]);
	j->cached_count = 0;
}

void jit_free(struct jit *j)
{
	if (!j)
		return;
	forget(j);
	free(j->cached);
	free(j->index);
	free(j);
}

void jit_begin(struct jit *j, uint64_t now_ms)
{
	j->generation++;
	j->now_ms = now_ms;
	if (!j->layout->traces)
		layout_find_traces(j->memory, j->global, j->layout);
}

/* The VM's array of traces. */
static bool read_array(const struct jit *j, uint64_t *array, uint32_t *size)
{
	struct {
		uint64_t array;
		uint32_t free, size;
	} traces;

	if (!j->layout->traces ||
	    !memory_read(j->memory, j->global + j->layout->traces, &traces, sizeof(traces)) ||
	    traces.size > TRACES_MAX)
		return false;
	*array = traces.array;
	*size = traces.size;
	return true;
}

static bool valid(const struct trace_head *h, uint32_t number)
{
	return h->gct == LUA_TRACE && h->number == number && h->mcode && h->size &&
	       h->size < CODE_MAX;
}

/* A head as it was read becomes one of GC64 builds. */
static void widen(const struct jit *j, struct trace_head *h)
{
	struct trace_head_32 narrow;

	if (!j->layout->gc32)
		return;
	memcpy(&narrow, h, sizeof(narrow));
	*h = (struct trace_head){
		.gct = narrow.gct,
		.snapshots = narrow.snapshots,
		.ir = narrow.ir,
		.constants = narrow.constants,
		.snapshot_words = narrow.snapshot_words,
		.snapshot = narrow.snapshot,
		.snapshot_map = narrow.snapshot_map,
		.start_proto = narrow.start_proto,
		.start_pc = narrow.start_pc,
		.size = narrow.size,
		.mcode = narrow.mcode,
		.spadjust = narrow.spadjust,
		.number = narrow.number,
	};
}

static bool read_head(const struct jit *j, uint32_t number, struct trace_head *h)
{
	uint64_t array, address;
	uint32_t size;

	if (!number || !read_array(j, &array, &size) || number >= size ||
	    !layout_follow(j->layout, j->memory,
			   array + (uint64_t)number * layout_reference(j->layout), &address) ||
	    !address || !memory_read(j->memory, address, h, sizeof(*h)))
		return false;
	widen(j, h);
	return valid(h, number);
}

static struct cached *look_up(struct jit *j, uint32_t number)
{
	size_t i;

	for (i = 0; i < j->cached_count; i++)
		if (j->cached[i].trace.number == number)
			return &j->cached[i];
	return NULL;
}

static struct cached *new_entry(struct jit *j)
{
	if (j->cached_count == CACHED_MAX)
		forget(j);
	if (!array_reserve(j->cached, j->cached_capacity, j->cached_count + 1, 32))
		return NULL;
	return memset(&j->cached[j->cached_count++], 0, sizeof(struct cached));
}

/* Numbers are used again after a flush: an entry holds only while code and start are the same. */
static struct cached *fetch(struct jit *j, uint32_t number)
{
	struct cached *c = look_up(j, number);
	struct trace_head h;

	if (c && c->checked == j->generation)
		return c->trace.mcode ? c : NULL;
	if (!read_head(j, number, &h)) {
		if (c)
			c->trace.mcode = 0;
		return NULL;
	}
	if (!c)
		c = new_entry(j);
	if (!c)
		return NULL;
	c->checked = j->generation;
	if (c->trace.mcode == h.mcode && c->trace.start_pc == h.start_pc && c->trace.size == h.size)
		return c;
	forget_code(c);
	c->trace = (struct jit_trace){
		.number = number,
		.size = h.size,
		.mcode = h.mcode,
		.start_proto = h.start_proto,
		.start_pc = h.start_pc,
		.spadjust = h.spadjust,
	};
	return c;
}

bool jit_by_number(struct jit *j, uint32_t number, struct jit_trace *out)
{
	struct cached *c = number ? fetch(j, number) : NULL;

	if (c)
		*out = c->trace;
	return c != NULL;
}

static int by_mcode(const void *a, const void *b)
{
	const struct index_entry *x = a, *y = b;

	return x->mcode < y->mcode ? -1 : x->mcode > y->mcode;
}

#define INDEX_BATCH 128

/* References of 32 bits, as they were read, each to a word of its own. */
static void spread(uint64_t *words, uint32_t count)
{
	uint32_t narrow;

	while (count--) {
		memcpy(&narrow, (uint8_t *)words + count * sizeof(narrow), sizeof(narrow));
		words[count] = narrow;
	}
}

static void make_index(struct jit *j)
{
	uint64_t addresses[INDEX_BATCH], array, at;
	struct trace_head *heads = malloc(INDEX_BATCH * sizeof(*heads));
	struct index_entry *index = NULL;
	uint32_t size = 0, from, n, i;

	j->indexed_ms = j->now_ms;
	j->indexed = 0;
	if (heads && read_array(j, &array, &size) && size)
		index = realloc(j->index, size * sizeof(*index));
	if (!index) {
		free(heads);
		return;
	}
	j->index = index;
	for (from = 0; from < size; from += n) {
		n = size - from < INDEX_BATCH ? size - from : INDEX_BATCH;
		at = array + (uint64_t)from * layout_reference(j->layout);
		if (!memory_read(j->memory, at, addresses, n * layout_reference(j->layout)))
			break;
		if (j->layout->gc32)
			spread(addresses, n);
		memory_read_each(j->memory, addresses, n, sizeof(*heads), heads);
		for (i = 0; i < n; i++) {
			widen(j, &heads[i]);
			if (!addresses[i] || !valid(&heads[i], from + i))
				continue;
			j->index[j->indexed++] = (struct index_entry){
				.mcode = heads[i].mcode,
				.size = heads[i].size,
				.number = from + i,
			};
		}
	}
	free(heads);
	if (j->indexed)
		qsort(j->index, j->indexed, sizeof(*j->index), by_mcode);
}

static uint32_t search(const struct jit *j, uint64_t address)
{
	size_t low = 0, high = j->indexed, middle;

	while (low < high) {
		middle = (low + high) / 2;
		if (j->index[middle].mcode <= address)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || address - j->index[low - 1].mcode >= j->index[low - 1].size)
		return 0;
	return j->index[low - 1].number;
}

bool jit_by_address(struct jit *j, uint64_t address, struct jit_trace *out)
{
	uint32_t number = search(j, address);

	if (!number &&
	    (!j->indexed_ms || j->now_ms - j->indexed_ms >= INDEX_EVERY_MS(j->indexed))) {
		make_index(j);
		number = search(j, address);
	}
	return jit_by_number(j, number, out) && address - out->mcode < out->size;
}

/* With its snapshots; NULL where the trace is not the one that has this code any more. */
static struct cached *fetch_code(struct jit *j, const struct jit_trace *t, uint64_t address)
{
	struct cached *c = fetch(j, t->number);
	struct trace_head h;

	if (!c || address - c->trace.mcode >= c->trace.size)
		return NULL;
	if (!c->snapshots_read && read_head(j, t->number, &h)) {
		snapshots_read(&c->snapshots, j->memory, j->layout, h.ir, h.constants, h.snapshot,
			       h.snapshots, h.snapshot_map, h.snapshot_words);
		c->snapshots_read = true;
	}
	return c;
}

const struct inlined *jit_inlined(struct jit *j, const struct jit_trace *t, uint64_t address)
{
	struct cached *c = fetch_code(j, t, address);
	struct snapshot_pair around;

	if (!c)
		return NULL;
	around = snapshots_around(&c->snapshots, j->memory, address - c->trace.mcode);
	return snapshots_between(&around);
}

static struct known_call *known_call(struct cached *c, uint64_t address, uint64_t base)
{
	struct known_call *call;

	for (size_t i = 0; i < c->call_count; i++)
		if (c->calls[i].address == address && c->calls[i].base == base)
			return &c->calls[i];
	if (c->call_count == CALLS_MAX)
		free(c->calls[--c->call_count].frames);
	if (!array_reserve(c->calls, c->call_capacity, c->call_count + 1, 4))
		return NULL;
	call = &c->calls[c->call_count++];
	*call = (struct known_call){.address = address};
	return call;
}

const struct inlined *jit_calling(struct jit *j, const struct jit_trace *t, uint64_t address,
				  uint64_t callee, const struct proto *base,
				  struct native_symbols *symbols)
{
	struct cached *c = fetch_code(j, t, address);
	struct snapshot_pair around;
	struct known_call *call;

	if (!c)
		return NULL;
	around = snapshots_around(&c->snapshots, j->memory, address - c->trace.mcode);
	call = known_call(c, address, base->address);
	if (call && !call->base) {
		call->base = base->address;
		call->frames = traced_call_frames(&(struct traced_call){
			.memory = j->memory,
			.layout = j->layout,
			.snapshots = &c->snapshots,
			.symbols = symbols,
			.base = base,
			.around = around,
			.back = address + MCODE_UNIT,
			.callee = callee,
		});
	}
	return call && call->frames ? call->frames : snapshots_between(&around);
}
