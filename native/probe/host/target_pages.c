/* SPDX-License-Identifier: MIT */
#include "host/target_pages.h"

#include <string.h>

#include "host/memory.h"

#define PAGE_SHIFT 12
#define PAGE (1u << PAGE_SHIFT)
#define KEPT 32 /* a power of 2 */
/* No pointer of user space lies above. */
#define ADDRESS_END (1ULL << 56)

static struct {
	pid_t pid;
	uint64_t now;
	struct {
		uint64_t now, page;
		uint8_t bytes[PAGE];
	} pages[KEPT];
} kept;

void target_pages_begin(pid_t pid)
{
	kept.pid = pid;
	kept.now++;
}

static const uint8_t *page_at(uint64_t page)
{
	size_t i = (page ^ page >> 5) & (KEPT - 1);

	if (kept.pages[i].now == kept.now && kept.pages[i].page == page)
		return kept.pages[i].bytes;
	kept.pages[i].now = 0;
	if (!memory_read(&(struct memory){kept.pid}, page << PAGE_SHIFT, kept.pages[i].bytes, PAGE))
		return NULL;
	kept.pages[i].now = kept.now;
	kept.pages[i].page = page;
	return kept.pages[i].bytes;
}

long target_pages_read(void *out, uint32_t size, uint64_t address)
{
	const uint8_t *page;
	uint32_t at, part;

	if (!address || address >= ADDRESS_END)
		return -1;
	while (size) {
		at = address & (PAGE - 1);
		part = size < PAGE - at ? size : PAGE - at;
		page = page_at(address >> PAGE_SHIFT);
		if (!page)
			return -1;
		memcpy(out, page + at, part);
		out = (uint8_t *)out + part;
		address += part;
		size -= part;
	}
	return 0;
}
