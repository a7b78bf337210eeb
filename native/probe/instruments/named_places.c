/* SPDX-License-Identifier: MIT */
#include "instruments/named_places.h"

#include "host/usage.h"
#include "instruments/walk_share.h"
#include "model/dictionary.h"
#include "unwind/missing.h"

#define KEPT_NS 500000000ULL

void named_places_init(struct named_places *n)
{
	n->named = id_map_of(NAMED_MAX * 2);
}

void named_places_free(struct named_places *n)
{
	id_map_free(&n->named);
}

static void forget(struct named_places *n)
{
	id_map_clear(&n->named);
	n->count = 0;
	n->requests = false;
}

void named_places_drain(struct named_places *n)
{
	if (n->requests)
		forget(n);
}

/* Of all that a sample's name follows from. */
static uint64_t hash_of(const struct taken_sample *sample)
{
	const char *first = (const char *)(sample->head + 1);
	const struct sample *head = sample->head;
	uint64_t other = (uint64_t)head->pid << 32 | (uint32_t)head->vm_state;

	other = id_map_key(other, head->ip ^ (uint64_t)head->flags << 48);
	other = id_map_key(other, head->request ^ head->trace_ip);
	return id_map_key(hash_bytes(first, (size_t)((const char *)sample->places - first), other),
			  head->frames | (uint64_t)head->native << 16 |
				  (uint64_t)head->kernel << 32);
}

struct model_place named_place_of(struct named_places *n, const struct traced *traced,
				  struct process *p, const struct taken_sample *sample)
{
	uint64_t now_ns = clock_monotonic_ns(), key = hash_of(sample);
	const struct sample *head = sample->head;
	struct named_sample named;
	uint32_t index;

	if (head->native && unwind_lacks_tables(head->native_state))
		missing_note(traced->share->missing, (pid_t)head->pid,
			     sample->native[head->native - 1]);
	if (now_ns - n->since_ns >= KEPT_NS) {
		n->since_ns = now_ns;
		forget(n);
		naming_begin(traced->naming, traced->processes, traced->count);
	}
	if (id_map_get(&n->named, key, &index))
		return n->places[index - 1];
	if (n->count == NAMED_MAX)
		forget(n);
	name_sample(traced->naming, p, sample, &named);
	n->places[n->count++] = place_of(traced->model, &named);
	id_map_put(&n->named, key, n->count, NULL);
	n->requests |= head->request != 0;
	return n->places[n->count - 1];
}
