/* SPDX-License-Identifier: MIT */
#include "nginx/zone_memory.h"

#include <sys/stat.h>
#include <unistd.h>

#include "native/mapped_file.h"
#include "native/symbols.h"

enum { STAT_BLOCK = 512 };

void zone_memory_open(struct zone_memory *z, pid_t pid, const struct mapping *mapping,
		      uint64_t address, uint64_t size)
{
	struct stat file;

	*z = (struct zone_memory){
		.worker = {pid},
		.address = address,
		.size = size,
		.fd = mapped_file_open(pid, mapping, &file),
		.file_offset = mapping->offset + (address - mapping->start),
	};
	if (z->fd >= 0)
		z->resident = (uint64_t)file.st_blocks * STAT_BLOCK;
}

void zone_memory_close(struct zone_memory *z)
{
	if (z->fd >= 0)
		close(z->fd);
}

bool zone_has(const struct zone_memory *z, uint64_t address, uint64_t size)
{
	return address >= z->address && address - z->address < z->size &&
	       size <= z->size - (address - z->address);
}

bool zone_read(const struct zone_memory *z, uint64_t address, void *out, size_t size)
{
	uint64_t at = z->file_offset + (address - z->address);

	if (!zone_has(z, address, size))
		return false;
	if (z->fd < 0)
		return memory_read(&z->worker, address, out, size);
	return pread(z->fd, out, size, (off_t)at) == (ssize_t)size;
}
