/* SPDX-License-Identifier: MIT */
#include "nginx/variable.h"

#include <sys/stat.h>
#include <unistd.h>

#include "host/reach.h"
#include "native/elf.h"
#include "native/symbols.h"

static bool is_the_file(const struct mapping *m, const struct stat *file)
{
	return m->inode == file->st_ino && !m->offset;
}

uint64_t nginx_variable(pid_t pid, const struct mappings *maps, const char *name)
{
	int fd = reach_proc(pid, "exe");
	uint64_t base, address = 0;
	struct stat file;

	if (fd < 0)
		return 0;
	if (!fstat(fd, &file))
		address = elf_variable(&(struct elf_source){elf_read_fd, &fd}, name, &base);
	close(fd);
	for (size_t i = 0; address && i < maps->count; i++)
		if (is_the_file(&maps->items[i], &file))
			return address - base + maps->items[i].start;
	return 0;
}
