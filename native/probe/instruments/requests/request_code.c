/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_code.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/reach.h"
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

static uint64_t offset_of(const struct elf_image *image, uint64_t address)
{
	for (size_t i = 0; i < image->segment_count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (address - s->address < s->file_size)
			return address - s->address + s->offset;
	}
	return 0;
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
			last.offsets[i - TRAPPED] = offset_of(&image, address);
	}
	elf_free(&image);
	last.device = file->st_dev;
	last.inode = file->st_ino;
	last.changed_ns = changed_ns(file);
	return true;
}

#if defined(__x86_64__)
#define MARK "\xf3\x0f\x1e\xfa" /* endbr64, which the kernel does not emulate */
#define MARK_SIZE 4

/* push of a register, or a nop of one byte */
static bool is_emulated(const uint8_t *code)
{
	if ((code[0] & 0xf0) == 0x40)
		code++;
	return (code[0] & 0xf8) == 0x50 || code[0] == 0x90;
}
#else
#define MARK ""
#define MARK_SIZE 0

static bool is_emulated(const uint8_t *code)
{
	uint32_t word;

	/* bti and paciasp are hints as nop is, but the second does something. */
	memcpy(&word, code, sizeof(word));
	return word == 0xd503201f || (word & 0xffffff3f) == 0xd503241f;
}
#endif

/* Behind the mark of a place that may be jumped to: no argument has been overwritten yet. */
static uint64_t place_for_trap(int fd, uint64_t offset, enum trap_step *step)
{
	uint8_t code[MARK_SIZE + 4] = {0};

	if (pread(fd, code, sizeof(code), (off_t)offset) != sizeof(code))
		return offset;
	if (MARK_SIZE && !memcmp(code, MARK, MARK_SIZE)) {
		memmove(code, code + MARK_SIZE, 4);
		offset += MARK_SIZE;
	}
	if (!is_emulated(code))
		*step = TRAP_STEPPED;
	return offset;
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
			out->traps[i] = place_for_trap(out->fd, last.offsets[i], &out->step);
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
