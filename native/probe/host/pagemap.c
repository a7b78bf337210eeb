/* SPDX-License-Identifier: MIT */
#include "host/pagemap.h"

#include <string.h>
#include <unistd.h>

#include "host/reach.h"

int pagemap_open(pid_t pid)
{
	return sysconf(_SC_PAGESIZE) == PAGEMAP_PAGE ? reach_proc(pid, "pagemap") : -1;
}

void pagemap_read(int pagemap, uint64_t address, size_t count, uint64_t *out)
{
	size_t size = count * sizeof(*out);
	off_t at = (off_t)(address / PAGEMAP_PAGE * sizeof(*out));

	if (pagemap < 0 || pread(pagemap, out, size, at) != (ssize_t)size)
		memset(out, 0xff, size);
}
