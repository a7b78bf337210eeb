/* SPDX-License-Identifier: MIT */
/* Arrays that grow as they fill. */
#ifndef ACUPOINT_ARRAY_H
#define ACUPOINT_ARRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* NULL when memory is out; `items` is as it was then. */
static inline void *array_grown(void *items, size_t *capacity, size_t need, size_t first,
				size_t size)
{
	size_t grown = *capacity ? *capacity : first;

	if (need <= *capacity)
		return items;
	while (grown < need)
		grown *= 2;
	items = reallocarray(items, grown, size);
	if (items)
		*capacity = grown;
	return items;
}

/*
 * Makes room for `need` items, of which there is at least one, in an array from malloc() or NULL.
 * Its capacity doubles, from `first` on. False when memory is out; the array is as it was then.
 */
#define array_reserve(items, capacity, need, first)                                                \
	({                                                                                         \
		size_t array_capacity = (capacity);                                                \
		void *array_items =                                                                \
			array_grown((items), &array_capacity, (need), (first), sizeof(*(items)));  \
                                                                                                   \
		if (array_items) {                                                                 \
			(items) = array_items;                                                     \
			(capacity) = array_capacity;                                               \
		}                                                                                  \
		array_items != NULL;                                                               \
	})

#endif
