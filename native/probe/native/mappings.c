/* SPDX-License-Identifier: MIT */
#include "native/symbols.h"

#include "host/array.h"
#include "host/procfs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

enum { MAX_MAPPINGS = 65536 };

/* One line of /proc/PID/maps. The path is cut off the line's end in place. */
static bool parse_line(char *line, struct mapping *out)
{
	unsigned long long start, end, offset, inode;
	unsigned int major_number, minor_number;
	size_t length = strlen(line), deleted_length = strlen(" (deleted)");
	int path_at = 0;

	if (length && line[length - 1] == '\n')
		line[--length] = '\0';
	if (sscanf(line, "%llx-%llx %4c %llx %x:%x %llu %n", &start, &end, out->perms, &offset,
		   &major_number, &minor_number, &inode, &path_at) != 7)
		return false;
	out->start = start;
	out->end = end;
	out->offset = offset;
	out->inode = inode;
	out->device = (uint32_t)makedev(major_number, minor_number);
	out->path = line + (path_at ? (size_t)path_at : length);
	out->deleted = inode && length >= deleted_length &&
		       !strcmp(line + length - deleted_length, " (deleted)");
	if (out->deleted)
		line[length - deleted_length] = '\0';
	return true;
}

static bool append(struct mappings *maps, size_t *capacity, const struct mapping *mapping)
{
	struct mapping *item;
	char *path = strdup(mapping->path);

	if (!path)
		return false;
	if (!array_reserve(maps->items, *capacity, maps->count + 1, 128)) {
		free(path);
		return false;
	}
	item = &maps->items[maps->count++];
	*item = *mapping;
	item->path = path;
	return true;
}

int mappings_read(pid_t pid, struct mappings *out)
{
	size_t capacity = 0, line_capacity = 0;
	char *line = NULL;
	struct mapping mapping;
	int result = 0;
	FILE *file;

	memset(out, 0, sizeof(*out));
	file = proc_stream(pid, "maps");
	if (!file)
		return -errno;
	while (out->count < MAX_MAPPINGS && getline(&line, &line_capacity, file) > 0) {
		if (!parse_line(line, &mapping))
			continue;
		/* Pages move while the file is read: keep what is ascending. */
		if (out->count && mapping.start < out->items[out->count - 1].end)
			continue;
		if (!append(out, &capacity, &mapping)) {
			result = -ENOMEM;
			break;
		}
	}
	if (!result && ferror(file))
		result = errno ? -errno : -EIO;
	fclose(file);
	free(line);
	if (result)
		mappings_free(out);
	return result;
}

void mappings_free(struct mappings *m)
{
	for (size_t i = 0; i < m->count; i++)
		free((char *)m->items[i].path);
	free(m->items);
	memset(m, 0, sizeof(*m));
}

const struct mapping *mappings_find(const struct mappings *m, uint64_t address)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (m->items[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && m->items[low].start <= address ? &m->items[low] : NULL;
}

bool mapping_is_heap(const struct mapping *m)
{
	if (memcmp(m->perms, "rw", 2) || m->perms[3] != 'p' || m->inode)
		return false;
	return !*m->path || !strcmp(m->path, "[heap]") || !strncmp(m->path, "[anon", 5);
}
