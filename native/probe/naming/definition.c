/* SPDX-License-Identifier: MIT */
#include "naming/definition.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/procfs.h"
#include "host/target_file.h"
#include "nginx/processes.h"

/* Longer files are generated ones. */
#define FILE_MAX (1024 * 1024)
#define PATH_CAPACITY 1024
#define NAME_CAPACITY 256
#define SECOND 1000000000LL
/* A process's start is known to a hundredth of a second, a file's time to a tick. */
#define CLOCK_SLACK (SECOND / 20)
#define KEYWORD "function"
#define KEYWORD_LENGTH (sizeof(KEYWORD) - 1)

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* The keyword, if it stands in the line exactly once and not in a comment; else NULL. */
static const char *only_keyword(const char *line, const char *end)
{
	const char *at = line, *found = NULL;

	while ((at = memmem(at, end - at, KEYWORD, KEYWORD_LENGTH))) {
		if ((at == line || !is_word(at[-1])) &&
		    (at + KEYWORD_LENGTH == end || !is_word(at[KEYWORD_LENGTH]))) {
			if (found)
				return NULL;
			found = at;
		}
		at += KEYWORD_LENGTH;
	}
	return found && !memmem(line, found - line, "--", 2) ? found : NULL;
}

static size_t copy(const char *from, const char *to, char *out, size_t capacity)
{
	size_t length = to > from ? (size_t)(to - from) : 0;

	if (length > capacity)
		return 0;
	memcpy(out, from, length);
	return length;
}

/* `function a.b:name(`: the last part. */
static size_t name_after(const char *at, const char *end, char *out, size_t capacity)
{
	const char *begin;

	while (at < end && isspace((unsigned char)*at))
		at++;
	for (begin = at; at < end && (is_word(*at) || *at == '.' || *at == ':'); at++)
		if (!is_word(*at))
			begin = at + 1;
	return copy(begin, at, out, capacity);
}

/* `name = function`, `t.name = function`, `["name"] = function`. */
static size_t name_before(const char *line, const char *at, char *out, size_t capacity)
{
	const char *end;
	bool bracket;

	while (at > line && isspace((unsigned char)at[-1]))
		at--;
	if (at == line || at[-1] != '=' || (at - 1 > line && strchr("=~<>", at[-2])))
		return 0;
	for (at--; at > line && isspace((unsigned char)at[-1]);)
		at--;
	bracket = at - line > 2 && at[-1] == ']' && (at[-2] == '"' || at[-2] == '\'');
	if (bracket)
		at -= 2;
	for (end = at; at > line && is_word(at[-1]);)
		at--;
	return copy(at, end, out, capacity);
}

size_t definition_in_line(const char *line, size_t length, char *out, size_t capacity)
{
	const char *end = line + length, *keyword = only_keyword(line, end);
	size_t named;

	if (!keyword)
		return 0;
	named = name_after(keyword + KEYWORD_LENGTH, end, out, capacity);
	return named ? named : name_before(line, keyword, out, capacity);
}

/* The line of this number, from 1 on; NULL: there are not as many. */
static const char *line_of(const char *text, size_t length, uint32_t number, const char **line_end)
{
	const char *at = text, *end = text + length, *next;

	while (--number && at)
		at = (at = memchr(at, '\n', end - at)) ? at + 1 : NULL;
	if (!at)
		return NULL;
	next = memchr(at, '\n', end - at);
	*line_end = next ? next : end;
	return at;
}

/* How many parameters stand behind the keyword; -1: they do not all stand in this line. */
static int parameters_in(const char *at, const char *end)
{
	const char *open = memchr(at, '(', end - at), *close;
	int count = 0;
	bool word = false;

	close = open ? memchr(open, ')', end - open) : NULL;
	if (!close || memmem(open, close - open, "--", 2))
		return -1;
	for (const char *c = open + 1; c < close; c++) {
		count += is_word(*c) && !word;
		word = is_word(*c);
	}
	return count + (memchr(at, ':', open - at) ? 1 : 0);
}

static bool has_word(const char *at, const char *end, const char *word)
{
	size_t length = strlen(word);

	for (const char *from = at; (at = memmem(at, end - at, word, length)); at++)
		if ((at == from || !is_word(at[-1])) &&
		    (at + length == end || !is_word(at[length])))
			return true;
	return false;
}

/* Can the source's line define this function? */
static bool fits(const char *text, size_t length, const char *line, const char *line_end,
		 const struct defined *f)
{
	const char *keyword = only_keyword(line, line_end), *last, *end;
	int parameters;

	if (!keyword)
		return false;
	parameters = parameters_in(keyword + KEYWORD_LENGTH, line_end);
	if (f->parameters >= 0 && parameters >= 0 && parameters != f->parameters)
		return false;
	if (f->last_line < f->first_line)
		return true;
	last = line_of(text, length, f->last_line, &end);
	return last && has_word(last, end, "end");
}

static size_t name_in_text(const char *text, size_t length, const struct defined *f, char *out,
			   size_t capacity)
{
	const char *end, *line = line_of(text, length, f->first_line, &end);

	return line && fits(text, length, line, end, f)
		       ? definition_in_line(line, end - line, out, capacity)
		       : 0;
}

/* Nanoseconds since 1970; 0: not known. */
static int64_t started_at(pid_t pid)
{
	struct timespec now, since_boot;
	struct proc_stat stat;

	if (proc_stat(pid, &stat) || clock_gettime(CLOCK_REALTIME, &now) ||
	    clock_gettime(CLOCK_BOOTTIME, &since_boot))
		return 0;
	return (now.tv_sec - since_boot.tv_sec) * SECOND + now.tv_nsec - since_boot.tv_nsec +
	       (int64_t)stat.start_time * (SECOND / sysconf(_SC_CLK_TCK));
}

static int64_t in_ns(struct timespec t)
{
	return t.tv_sec * SECOND + t.tv_nsec;
}

/* The nginx master above it; 0: there is none. */
static pid_t master_of(pid_t pid)
{
	struct proc_stat process;

	if (proc_stat(pid, &process) || nginx_role_of(process.parent) != NGINX_MASTER)
		return 0;
	return process.parent;
}

/*
 * A worker that took the place of one that died runs what the master loaded long before it. A file
 * may be put in place with the time of writing that it had elsewhere, but not without its inode
 * noting the time.
 */
static enum source_trust trust_in(pid_t pid, const struct stat *status)
{
	int64_t written = in_ns(status->st_mtim), placed = in_ns(status->st_ctim);
	int64_t started = started_at(pid) + CLOCK_SLACK;
	pid_t master;

	if (written > started)
		return SOURCE_NONE;
	if (placed > started)
		return SOURCE_DOUBTED;
	master = master_of(pid);
	return master && (placed > written ? placed : written) > started_at(master) + CLOCK_SLACK
		       ? SOURCE_DOUBTED
		       : SOURCE_SURE;
}

static bool absolute_path(pid_t pid, const struct chunk *chunk, char *out)
{
	size_t length = chunk->length - 1;
	ssize_t folder = 0;

	if (length >= PATH_CAPACITY / 2 || memchr(chunk->text, '\0', chunk->length))
		return false;
	if (chunk->text[1] != '/') {
		folder = proc_link(pid, "cwd", out, PATH_CAPACITY / 2);
		if (folder <= 0)
			return false;
		out[folder++] = '/';
	}
	memcpy(out + folder, chunk->text + 1, length);
	out[folder + length] = '\0';
	return true;
}

/*
 * By the process's own rights, or by those of the nginx master above it: what a master loads at its
 * start its workers need not be able to read. Of what the second way finds, names alone go on.
 */
static int open_source(pid_t pid, const char *path, struct stat *status)
{
	int fd = target_open(pid, path, status);
	pid_t master;

	if (fd != -EACCES || !(master = master_of(pid)))
		return fd;
	return target_open(master, path, status);
}

/* The chunk's source; NULL where there is none to believe. `owned` is to be freed. */
static const char *source_text(pid_t pid, const struct chunk *chunk, size_t *length, char **owned,
			       enum source_trust *trust)
{
	char path[PATH_CAPACITY];
	struct stat status;
	ssize_t got = 0;
	int fd;

	*owned = NULL;
	*trust = SOURCE_NONE;
	if (!chunk->length || *chunk->text == '=')
		return NULL;
	*length = chunk->length;
	if (*chunk->text != '@') {
		*trust = SOURCE_SURE;
		return chunk->text;
	}
	if (chunk->length < 2 || !absolute_path(pid, chunk, path))
		return NULL;
	fd = open_source(pid, path, &status);
	if (fd < 0)
		return NULL;
	if (status.st_size > 0 && status.st_size <= FILE_MAX)
		*trust = trust_in(pid, &status);
	if (*trust != SOURCE_NONE)
		*owned = malloc(status.st_size);
	if (*owned)
		got = pread(fd, *owned, status.st_size, 0);
	close(fd);
	*length = got > 0 ? (size_t)got : 0;
	return *owned;
}

size_t definition_name(pid_t pid, const struct chunk *chunk, const struct defined *function,
		       enum source_trust *trust, char *out, size_t capacity)
{
	size_t length, named = 0;
	const char *text;
	char *owned;

	*trust = SOURCE_NONE;
	if (!function->first_line)
		return 0;
	text = source_text(pid, chunk, &length, &owned, trust);
	if (text)
		named = name_in_text(text, length, function, out, capacity);
	free(owned);
	return named;
}

bool definition_exists(pid_t pid, const struct chunk *chunk, const char *name, size_t length)
{
	const char *text, *at, *end, *next;
	char found[NAME_CAPACITY], *owned;
	enum source_trust trust;
	bool exists = false;
	size_t size;

	text = source_text(pid, chunk, &size, &owned, &trust);
	end = text ? text + size : NULL;
	for (at = text; at && at < end && !exists; at = next + 1) {
		next = memchr(at, '\n', end - at);
		if (!next)
			next = end;
		exists = length <= sizeof(found) &&
			 definition_in_line(at, next - at, found, sizeof(found)) == length &&
			 !memcmp(found, name, length);
	}
	free(owned);
	return exists;
}
