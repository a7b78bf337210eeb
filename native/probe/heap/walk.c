/* SPDX-License-Identifier: MIT */
#include "heap/walk.h"

#include <stdlib.h>
#include <string.h>

#include "heap/buffers.h"
#include "heap/references.h"
#include "heap/sizes.h"
#include "host/tempt.h"
#include "host/usage.h"

enum { ENTRY_VM = 1, ENTRY_UNREACHED, ENTRY_CTYPES, ENTRY_TEXTS };
/* As they are written since they say more than 6 and 12, which recordings have. */
enum { ENTRY_THREAD = 13, ENTRY_USERDATA };
#define TEXT_MAX 96
#define PROGRESS_EVERY 65536
#define ROOT_SLOTS_FROM 0x08 /* behind jit_base: FFI's state, random numbers, then the roots */
#define ROOT_SLOTS 43
#define CTYPES_MAX 65536
#define CTYPE_SIZE 24
#define CTYPE_STATE_SIZE 0x268

static void put_root(struct walk *w, enum walk_root kind, uint64_t address)
{
	if (objects_place(w->objects, address) == NO_OBJECT)
		return;
	stream_put(w->out, kind);
	put_reference(w, address);
}

/* Bytes that the collector counts and that are no object, as far as their size is known. */
static uint64_t outside_bytes(const struct walk *w, const uint8_t *global)
{
	const struct heap_vm *vm = w->vm;
	uint64_t bytes = vm->layout.state_size + vm->layout.dispatch;
	const uint8_t *types = vm->types ? image_at(w->objects->image, vm->types, 16) : NULL;

	bytes += (u32_at(global, vm->gc.string_mask) + 1ULL) * 8;
	if (types)
		bytes += CTYPE_STATE_SIZE + u32_at(types, 12) * (uint64_t)CTYPE_SIZE;
	bytes += vm_buffer_bytes(w->objects, vm->global);
	return bytes + w->trace_count * 8ULL;
}

static void put_vm(struct walk *w)
{
	const struct heap_vm *vm = w->vm;
	const uint8_t *g = image_at(w->objects->image, vm->global, 0x600), *more;
	size_t i;

	stream_put(w->out, ENTRY_VM);
	if (!g) {
		for (i = 0; i < 5; i++)
			stream_put(w->out, 0);
		return;
	}
	w->traces = vm->layout.traces ? u64_at(g, vm->layout.traces) : 0;
	w->trace_count = vm->layout.traces ? u32_at(g, vm->layout.traces + 12) : 0;
	stream_put(w->out, u64_at(g, vm->gc.total));
	stream_put(w->out, u64_at(g, vm->gc.threshold));
	stream_put(w->out, g[vm->gc.state]);
	stream_put(w->out, outside_bytes(w, g));
	put_root(w, ROOT_REGISTRY, VALUE_POINTER(u64_at(g, vm->layout.registry)));
	put_root(w, ROOT_MAIN_THREAD, vm->main_thread);
	more = image_at(w->objects->image, vm->main_thread + STATE_ENV, 8);
	if (more)
		put_root(w, ROOT_GLOBALS, u64_at(more, 0));
	/* Every build keeps its roots here, in its own order; what else is here are no objects. */
	for (i = 0; i < ROOT_SLOTS; i++)
		put_root(w, ROOT_METATABLES,
			 u64_at(g, vm->layout.jit_base + ROOT_SLOTS_FROM + i * 8));
	more = vm->types ? image_at(w->objects->image, vm->types, 0x30) : NULL;
	for (i = 0x20; more && i <= 0x28; i += 8)
		put_root(w, ROOT_FFI, u64_at(more, i));
	put_root(w, ROOT_TO_FINALIZE, u64_at(g, vm->gc.to_finalize));
	stream_put(w->out, 0);
}

static void put_string(struct walk *w, uint64_t address)
{
	const uint8_t *head = image_at(w->objects->image, address, STRING_DATA), *text = NULL;
	uint32_t length = head ? u32_at(head, w->vm->layout.string_length) : 0;
	uint32_t shown = length < TEXT_MAX ? length : TEXT_MAX;
	uint32_t place = objects_place(w->objects, address);

	/* The text of the others is nobody's business. */
	if (w->objects->named[place / 64] >> (place % 64) & 1)
		text = image_at(w->objects->image, address + STRING_DATA, shown);
	stream_put(w->out, length);
	stream_put(w->out, text ? shown : 0);
	if (text) {
		tempt((const char *)text, shown);
		stream_put_bytes(w->out, text, shown);
	}
}

static bool put_object(struct walk *w, uint64_t address)
{
	const uint8_t *head = image_at(w->objects->image, address, 16);
	int type = head[9];
	uint64_t size = object_size(w->objects, w->vm, address, type);

	stream_put(w->out, type == LUA_THREAD ? ENTRY_THREAD
			   : type == USERDATA ? ENTRY_USERDATA
					      : (uint64_t)type);
	if (type == LUA_STRING) {
		put_string(w, address);
		return !w->out->broken;
	}
	if (type != UPVALUE)
		stream_put(w->out, size);
	put_references(w, address, type);
	return !w->out->broken;
}

static void walk_vm(struct walk *w)
{
	w->queue[w->given++] = 0;
	w->done = w->given;
	put_vm(w);
	while (w->done < w->given && put_object(w, w->queue[w->done])) {
		if (++w->done % PROGRESS_EVERY)
			continue;
		stream_numbers(w->out, TAG_PROGRESS,
			       (uint64_t[]){STAGE_READING, w->done, w->objects->count}, 3);
	}
}

static void put_unreached(struct walk *w)
{
	const struct objects *o = w->objects;
	uint64_t counts[GC_TYPES] = {0}, bytes[GC_TYPES] = {0}, word, address;
	const struct image_region *region = o->image->regions;
	uint32_t place = 0;
	size_t i, at;
	int type;

	for (i = 0; i < o->words; i++) {
		for (word = o->listed[i]; word; word &= word - 1, place++) {
			if (o->numbers[place])
				continue;
			at = (i * 64 + (size_t)__builtin_ctzll(word)) * 8;
			while (at >= region->offset + (region->end - region->start))
				region++;
			address = region->start + (at - region->offset);
			type = o->image->bytes[at + 9];
			counts[type]++;
			bytes[type] += object_size(o, w->vm, address, type);
		}
	}
	stream_put(w->out, ENTRY_UNREACHED);
	for (type = LUA_STRING; type < GC_TYPES; type++) {
		stream_put(w->out, counts[type]);
		stream_put(w->out, bytes[type]);
	}
}

static void put_ctypes(struct walk *w)
{
	struct image *image = w->objects->image;
	const uint8_t *state = w->vm->types ? image_at(image, w->vm->types, 16) : NULL;
	uint32_t count = state ? u32_at(state, 8) : 0, i, length;
	const uint8_t *types, *name;

	if (count > CTYPES_MAX)
		count = CTYPES_MAX;
	types = count ? image_at(image, u64_at(state, 0), (size_t)count * CTYPE_SIZE) : NULL;
	if (!types)
		count = 0;
	stream_put(w->out, ENTRY_CTYPES);
	stream_put(w->out, count);
	for (i = 0; i < count; i++, types += CTYPE_SIZE) {
		stream_put(w->out, u32_at(types, 0));
		stream_put(w->out, u32_at(types, 4));
		name = objects_head(w->objects, u64_at(types, 16), LUA_STRING, STRING_DATA);
		length = name ? u32_at(name, w->vm->layout.string_length) : 0;
		length = length < TEXT_MAX ? length : TEXT_MAX;
		name = length ? image_at(image, u64_at(types, 16) + STRING_DATA, length) : NULL;
		stream_put(w->out, name ? length : 0);
		if (name)
			stream_put_bytes(w->out, name, length);
	}
}

static void put_late_texts(struct walk *w)
{
	size_t i;

	stream_put(w->out, ENTRY_TEXTS);
	for (i = 0; i < w->late_count; i++) {
		stream_put(w->out, w->late[i]);
		put_string(w, w->queue[w->late[i] - 1]);
	}
	stream_put(w->out, 0);
	stream_put(w->out, 0);
}

bool walk_objects(struct objects *o, const struct heap_vm *vms, size_t count, struct stream *out)
{
	struct walk w = {.objects = o, .out = out};
	size_t i;

	w.queue = malloc((o->count + count) * sizeof(*w.queue));
	if (!w.queue)
		return false;
	for (i = 0; i < count; i++) {
		w.vm = &vms[i];
		walk_vm(&w);
	}
	put_unreached(&w);
	put_ctypes(&w);
	put_late_texts(&w);
	free(w.late);
	free(w.queue);
	return true;
}
