/* SPDX-License-Identifier: MIT */
#include "host/pagemap.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int pagemap_open(pid_t pid)
{
	char path[64];

	if (sysconf(_SC_PAGESIZE) != PAGEMAP_PAGE)
		return -1;
	snprintf(path, sizeof(path), "/proc/%d/pagemap", (int)pid);
	return open(path, O_RDONLY | O_CLOEXEC);
}

void pagemap_read(int pagemap, uint64_t address, size_t count, uint64_t *out)
{
	size_t size = count * sizeof(*out);
	off_t at = (off_t)(address / PAGEMAP_PAGE * sizeof(*out));

	if (pagemap < 0 || pread(pagemap, out, size, at) != (ssize_t)size)
		memset(out, 0xff, size);
}
