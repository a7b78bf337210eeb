/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_code.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/reach.h"
#include "instruments/trap_offset.h"
#include "native/elf.h"
#include "native/symbols.h"
#include "nginx/variable.h"

static const char not_nginx[] =
	"This process is no nginx that exports its functions (as it does since 1.9.11), so its "
	"requests cannot be watched.";

enum { TRAPPED = CHECKERS, FUNCTIONS = TRAPPED + REQUEST_TRAPS };

static const char *const names[FUNCTIONS] = {
	[CHECKER_GENERIC] = "ngx_http_core_generic_phase",
	[CHECKER_REWRITE] = "ngx_http_core_rewrite_phase",
	[CHECKER_FIND_CONFIG] = "ngx_http_core_find_config_phase",
	[CHECKER_POST_REWRITE] = "ngx_http_core_post_rewrite_phase",
	[CHECKER_ACCESS] = "ngx_http_core_access_phase",
	[CHECKER_POST_ACCESS] = "ngx_http_core_post_access_phase",
	[CHECKER_CONTENT] = "ngx_http_core_content_phase",
	[TRAPPED + REQUEST_BEGINS] = "ngx_http_create_request",
	[TRAPPED + REQUEST_ENDS] = "ngx_http_free_request",
	[TRAPPED + REQUEST_POSTED] = "ngx_http_post_request",
	[TRAPPED + REQUEST_PART_ENDS] = "ngx_http_finalize_request",
};

/* Of one executable: workers have the same, as a rule. Addresses from its base on; 0: none. */
static struct {
	uint64_t device, inode, changed_ns;
	uint64_t offsets[REQUEST_TRAPS];
	uint64_t addresses[FUNCTIONS];
} last;

static uint64_t changed_ns(const struct stat *file)
{
	return (uint64_t)file->st_mtim.tv_sec * 1000000000ULL + (uint64_t)file->st_mtim.tv_nsec;
}

static bool look_up(int fd, const struct stat *file)
{
	struct elf_source source = {elf_read_fd, &fd};
	struct elf_image image;
	uint64_t address;

	if (last.inode == file->st_ino && last.device == file->st_dev &&
	    last.changed_ns == changed_ns(file))
		return true;
	memset(&last, 0, sizeof(last));
	if (elf_load(&source, &image))
		return false;
	for (int i = 0; i < FUNCTIONS; i++) {
		address = elf_function(&source, &image, names[i]);
		last.addresses[i] = address ? address - image.base : 0;
		if (address && i >= TRAPPED)
			last.offsets[i - TRAPPED] = trap_file_offset(&image, address);
	}
	elf_free(&image);
	last.device = file->st_dev;
	last.inode = file->st_ino;
	last.changed_ns = changed_ns(file);
	return true;
}

static bool fill(pid_t pid, const struct mappings *maps, const struct stat *file,
		 struct request_code *out)
{
	uint64_t base = nginx_base(maps, file);

	if (!base || !last.offsets[REQUEST_BEGINS] || !last.offsets[REQUEST_ENDS])
		return false;
	out->device = file->st_dev;
	out->inode = file->st_ino;
	out->step = TRAP_EMULATED;
	for (int i = 0; i < REQUEST_TRAPS; i++)
		if (last.offsets[i])
			out->traps[i] = trap_behind_mark(out->fd, last.offsets[i], &out->step);
	for (int i = 0; i < CHECKERS; i++)
		out->checkers[i] = last.addresses[i] ? base + last.addresses[i] : 0;
	out->cached_time = nginx_variable(pid, maps, "ngx_cached_time");
	return out->cached_time != 0;
}

bool request_code_find(pid_t pid, struct request_code *out, const char **missing)
{
	struct mappings maps;
	struct stat file;
	bool found = false;

	memset(out, 0, sizeof(*out));
	*missing = not_nginx;
	out->fd = reach_proc(pid, "exe");
	if (out->fd < 0)
		return false;
	if (!fstat(out->fd, &file) && look_up(out->fd, &file) && !mappings_read(pid, &maps)) {
		found = fill(pid, &maps, &file, out);
		mappings_free(&maps);
	}
	if (!found)
		request_code_close(out);
	return found;
}

void request_code_close(struct request_code *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
}

int request_code_file(const struct request_code *c)
{
	return fcntl(c->fd, F_DUPFD_CLOEXEC, 0);
}
