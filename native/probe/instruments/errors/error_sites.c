/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_sites.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/reach.h"
#include "instruments/trap_site.h"
#include "native/elf.h"
#include "native/mapped_file.h"

static const char *const names[ERROR_KINDS] = {
	[ERROR_THROWN] = "_Unwind_RaiseException",
	[ERROR_EXIT] = "ngx_http_lua_ffi_exit",
	[ERROR_LOGGED] = "ngx_log_error_core",
};

/* Of one file, by its own offsets; 0: it has none. Workers have the same files, as a rule. */
struct known_file {
	uint64_t device, inode, changed_ns;
	uint64_t offsets[ERROR_KINDS];
};

enum { KNOWN_FILES = 16 };
static struct known_file known[KNOWN_FILES];
static size_t next_known;

static uint64_t changed_ns(const struct stat *file)
{
	return (uint64_t)file->st_mtim.tv_sec * 1000000000ULL + (uint64_t)file->st_mtim.tv_nsec;
}

static void read_offsets(int fd, uint64_t offsets[ERROR_KINDS])
{
	struct elf_source source = {elf_read_fd, &fd};
	struct elf_image image;
	uint64_t address;

	memset(offsets, 0, ERROR_KINDS * sizeof(*offsets));
	if (elf_load(&source, &image))
		return;
	for (int i = 0; i < ERROR_KINDS; i++) {
		address = elf_function(&source, &image, names[i]);
		if (address)
			offsets[i] = trap_site_offset(&image, address);
	}
	elf_free(&image);
}

static const struct known_file *look_up(int fd, const struct stat *file)
{
	struct known_file *k;

	for (size_t i = 0; i < KNOWN_FILES; i++)
		if (known[i].inode == file->st_ino && known[i].device == file->st_dev &&
		    known[i].changed_ns == changed_ns(file))
			return &known[i];
	k = &known[next_known++ % KNOWN_FILES];
	*k = (struct known_file){file->st_dev, file->st_ino, changed_ns(file), {0}};
	read_offsets(fd, k->offsets);
	return k;
}

/* The link says so of a file that was replaced while the process runs; the mappings do not here. */
static void drop_deleted(char *path)
{
	static const char deleted[] = " (deleted)";
	size_t length = strlen(path), end = sizeof(deleted) - 1;

	if (length > end && !strcmp(path + length - end, deleted))
		path[length - end] = '\0';
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Can the file have one of the functions? Others are not read, since there are many. */
static bool may_have(const struct mapping *m, const char *executable)
{
	static const char *const libraries[] = {"libgcc_s.so", "libluajit", "ngx_http_lua_module"};
	const char *name = base_name(m->path);

	if (!strcmp(m->path, executable))
		return true;
	for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++)
		if (!strncmp(name, libraries[i], strlen(libraries[i])))
			return true;
	return false;
}

static void take_sites(const struct mapping *m, int fd, const struct known_file *file,
		       struct error_sites *out)
{
	for (int i = 0; i < ERROR_KINDS; i++) {
		struct error_site *site = &out->at[i];
		uint64_t offset = file->offsets[i];

		if (!offset || site->fd >= 0 || offset < m->offset ||
		    offset - m->offset >= m->end - m->start)
			continue;
		site->fd = dup(fd);
		if (site->fd < 0)
			continue;
		site->offset = trap_site(fd, offset, &out->step);
		site->address = m->start + site->offset - m->offset;
	}
}

void error_sites_find(pid_t pid, struct error_sites *out)
{
	char executable[REACH_PATH];
	struct mappings maps;
	struct stat file;
	ssize_t length;
	int fd;

	*out = (struct error_sites){.step = TRAP_EMULATED};
	for (int i = 0; i < ERROR_KINDS; i++)
		out->at[i].fd = -1;
	length = reach_link(pid, "exe", executable, sizeof(executable));
	if (length < 0 || mappings_read(pid, &maps))
		return;
	drop_deleted(executable);
	for (size_t i = 0; i < maps.count; i++) {
		const struct mapping *m = &maps.items[i];

		if (m->perms[2] != 'x' || !m->inode || !may_have(m, executable))
			continue;
		fd = mapped_file_open(pid, m, &file);
		if (fd < 0)
			continue;
		take_sites(m, fd, look_up(fd, &file), out);
		close(fd);
	}
	mappings_free(&maps);
}

void error_sites_close(struct error_sites *s)
{
	for (int i = 0; i < ERROR_KINDS; i++) {
		if (s->at[i].fd >= 0)
			close(s->at[i].fd);
		s->at[i].fd = -1;
	}
}

const char *error_sites_missing(const struct error_sites *s)
{
	if (s->at[ERROR_THROWN].fd < 0)
		return "This process has no _Unwind_RaiseException that the probe can find: its "
		       "LuaJIT throws without libgcc, so exceptions are not watched.";
	if (s->at[ERROR_LOGGED].fd < 0)
		return "This process is no nginx that exports its functions (as it does since "
		       "1.9.11), so its error log is not watched, nor who ends its requests.";
	if (s->at[ERROR_EXIT].fd < 0)
		return "This nginx has no ngx_http_lua_ffi_exit (ngx_lua has it since 0.10.16), so "
		       "it is not known which line ends a request.";
	return NULL;
}
