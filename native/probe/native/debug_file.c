/* SPDX-License-Identifier: MIT */
#include "native/debug_file.h"

#include "host/target_file.h"
#include "native/elf_layout.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_LINK = 128 };

static int open_same(pid_t pid, const char *path, const struct elf_layout *wanted)
{
	struct elf_layout layout;
	struct stat stat;
	int fd = target_open(pid, path, &stat);

	if (fd < 0)
		return -1;
	if (elf_layout_read(&(struct elf_source){elf_read_fd, &fd}, &layout) &&
	    layout.low == wanted->low && layout.build_id_size == wanted->build_id_size &&
	    !memcmp(layout.build_id, wanted->build_id, wanted->build_id_size))
		return fd;
	close(fd);
	return -1;
}

static int open_by_id(pid_t pid, const struct elf_layout *layout, char found[DEBUG_FILE_PATH])
{
	int at = snprintf(found, DEBUG_FILE_PATH, "/usr/lib/debug/.build-id/%02x/",
			  layout->build_id[0]);

	for (size_t i = 1; i < layout->build_id_size; i++)
		at += snprintf(found + at, DEBUG_FILE_PATH - (size_t)at, "%02x",
			       layout->build_id[i]);
	snprintf(found + at, DEBUG_FILE_PATH - (size_t)at, ".debug");
	return open_same(pid, found, layout);
}

/* A plain name of a file, as the section has to hold. */
static bool read_link(const struct elf_source *of, const struct elf_part *part, char out[MAX_LINK])
{
	size_t size = part->size < MAX_LINK ? part->size : MAX_LINK;

	if (!size || !elf_read_exactly(of, part->offset, out, size))
		return false;
	return memchr(out, '\0', size) && *out && *out != '.' && !strchr(out, '/');
}

static int open_by_link(pid_t pid, const struct elf_layout *layout, const char *link,
			const char *path, char found[DEBUG_FILE_PATH])
{
	static const char *const places[] = {"%.*s/%s", "%.*s/.debug/%s", "/usr/lib/debug%.*s/%s"};
	const char *slash = strrchr(path, '/');
	int fd = -1, length;

	for (size_t i = 0; slash && fd < 0 && i < sizeof(places) / sizeof(*places); i++) {
		length = snprintf(found, DEBUG_FILE_PATH, places[i], (int)(slash - path), path,
				  link);
		if (length < DEBUG_FILE_PATH)
			fd = open_same(pid, found, layout);
	}
	return fd;
}

int debug_file_open(pid_t pid, const struct elf_source *of, const char *path,
		    char found[DEBUG_FILE_PATH])
{
	struct elf_layout layout;
	char link[MAX_LINK];
	int fd;

	if (path[0] != '/' || !elf_layout_read(of, &layout) || layout.build_id_size < 2)
		return -1;
	fd = open_by_id(pid, &layout, found);
	if (fd < 0 && read_link(of, &layout.debug_link, link))
		fd = open_by_link(pid, &layout, link, path, found);
	return fd;
}
