/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_whole.h"

#include <string.h>

#include "host/memory.h"

#define REQUEST_FIELD(out, size, address) read_copy(current, (address), (out), (size))
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))

/* The request whose fields are read: the header that is compiled twice knows addresses alone. */
static const struct request_whole *current;

static bool lies_in(uint64_t at, const void *copy, size_t copy_size, uint64_t address, void *out,
		    size_t size)
{
	if (!at || address < at || address - at > copy_size || size > copy_size - (address - at))
		return false;
	memcpy(out, (const char *)copy + (address - at), size);
	return true;
}

static bool is_copied(const struct request_whole *w, uint64_t address, void *out, size_t size)
{
	return lies_in(w->end.request, w->object, sizeof(w->object), address, out, size) ||
	       lies_in(w->buffer_at, w->buffer, sizeof(w->buffer), address, out, size) ||
	       lies_in(w->pool_at[0], w->pool[0], REQUEST_POOL, address, out, size) ||
	       lies_in(w->pool_at[1], w->pool[1], REQUEST_POOL, address, out, size);
}

/* Memory that is not copied may still be there: constants, at least. */
static bool read_any(const void *context, uint64_t address, void *out, size_t size)
{
	const struct request_whole *w = context;
	const struct memory memory = {(pid_t)w->end.pid};

	return is_copied(w, address, out, size) || memory_read(&memory, address, out, size);
}

/* 0, or -1 where nobody copied it. */
static int read_copy(const struct request_whole *w, uint64_t address, void *out, size_t size)
{
	return is_copied(w, address, out, size) ? 0 : -1;
}

#include "instruments/requests/request_fields.bpf.h"

_Static_assert(REQUEST_COPY == REQUEST_READ, "what is learned from");

bool request_whole_learn(const struct request_whole *w, struct request_layout *layout)
{
	const struct request_reader reader = {read_any, w};

	return w->end.request && request_layout_learn_names(layout, &reader, w->object);
}

void request_whole_read(const struct request_whole *w, const struct request_place *place,
			struct request_end *out)
{
	current = w;
	*out = w->end;
	read_fields(out, place);
}
