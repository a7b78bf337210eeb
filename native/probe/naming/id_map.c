/* SPDX-License-Identifier: MIT */
#include "naming/id_map.h"

#include <stdlib.h>
#include <string.h>

struct id_map_slot {
	uint64_t key;
	uint32_t value;
};

void id_map_free(struct id_map *m)
{
	free(m->slots);
	m->slots = NULL;
	m->capacity = m->count = 0;
}

void id_map_clear(struct id_map *m)
{
	if (m->slots)
		memset(m->slots, 0, m->capacity * sizeof(*m->slots));
	m->count = 0;
}

static struct id_map_slot *place(const struct id_map *m, uint64_t key)
{
	size_t i = (key >> 20) & (m->capacity - 1);

	while (m->slots[i].key && m->slots[i].key != key)
		i = (i + 1) & (m->capacity - 1);
	return &m->slots[i];
}

bool id_map_get(const struct id_map *m, uint64_t key, uint32_t *value)
{
	const struct id_map_slot *slot;

	if (!m->capacity)
		return false;
	slot = place(m, key);
	if (!slot->key)
		return false;
	*value = slot->value;
	return true;
}

static bool grow(struct id_map *m)
{
	struct id_map bigger = *m;
	size_t i;

	bigger.capacity = m->capacity ? m->capacity * 2 : 64;
	bigger.slots = calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		return false;
	for (i = 0; i < m->capacity; i++)
		if (m->slots[i].key)
			*place(&bigger, m->slots[i].key) = m->slots[i];
	free(m->slots);
	*m = bigger;
	return true;
}

bool id_map_put(struct id_map *m, uint64_t key, uint32_t value, bool *emptied)
{
	struct id_map_slot *slot;

	if (emptied)
		*emptied = false;
	if (m->count >= m->bound) {
		id_map_clear(m);
		if (emptied)
			*emptied = true;
	}
	if (m->count * 4 >= m->capacity * 3 && !grow(m))
		return false;
	slot = place(m, key);
	m->count += !slot->key;
	slot->key = key;
	slot->value = value;
	return true;
}
