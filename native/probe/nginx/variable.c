/* SPDX-License-Identifier: MIT */
#include "nginx/variable.h"

#include <sys/stat.h>
#include <unistd.h>

#include "host/reach.h"
#include "native/elf.h"
#include "native/symbols.h"

uint64_t nginx_base(const struct mappings *maps, const struct stat *file)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].inode == file->st_ino && !maps->items[i].offset)
			return maps->items[i].start;
	return 0;
}

uint64_t nginx_variable(pid_t pid, const struct mappings *maps, const char *name)
{
	int fd = reach_proc(pid, "exe");
	uint64_t base, start, address = 0;
	struct stat file;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &file))
		address = elf_variable(&(struct elf_source){elf_read_fd, &fd}, name, &base);
	close(fd);
	start = address ? nginx_base(maps, &file) : 0;
	return start ? address - base + start : 0;
}
