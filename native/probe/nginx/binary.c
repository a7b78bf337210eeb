/* SPDX-License-Identifier: MIT */
#include "nginx/binary.h"

#include "host/reach.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	CHUNK = 256 * 1024,
	/* The longest text that is looked for must lie whole in one chunk. */
	OVERLAP = 16 * 1024,
	MAX_BYTES = 128 << 20,
};

bool configure_argument(const char *arguments, const char *name, char *out, size_t capacity)
{
	size_t name_length = strlen(name);
	char quote = '\0';

	for (const char *p = arguments; *p; p++) {
		if (quote || *p == '\'' || *p == '"') {
			if (!quote)
				quote = *p;
			else if (*p == quote)
				quote = '\0';
			continue;
		}
		if ((p == arguments || p[-1] == ' ') && !strncmp(p, name, name_length) &&
		    p[name_length] == '=') {
			p += name_length + 1;
			snprintf(out, capacity, "%.*s", (int)strcspn(p, " '\""), p);
			return true;
		}
	}
	return false;
}

/* The text after `label`, up to the end of its line, cut to `capacity`. */
static bool text_after(const char *bytes, size_t length, const char *label, char *out,
		       size_t capacity)
{
	const char *found = memmem(bytes, length, label, strlen(label)), *end = bytes + length;
	size_t i = 0;

	if (!found)
		return false;
	found += strlen(label);
	while (found + i < end && i < capacity - 1 && found[i] && found[i] != '\n')
		i++;
	memcpy(out, found, i);
	out[i] = '\0';
	return true;
}

static void look_at_chunk(struct nginx_binary *binary, const char *bytes, size_t length)
{
	static const char luajit[] = "LuaJIT 2.";
	char arguments[OVERLAP / 2];

	if (!binary->is_nginx && text_after(bytes, length, "nginx version: ", binary->version,
					    sizeof(binary->version))) {
		binary->is_nginx = true;
		binary->version[strcspn(binary->version, " \r")] = '\0';
	}
	if (!*binary->prefix &&
	    text_after(bytes, length, "configure arguments:", arguments, sizeof(arguments))) {
		configure_argument(arguments, "--prefix", binary->prefix, sizeof(binary->prefix));
		configure_argument(arguments, "--conf-path", binary->config_file,
				   sizeof(binary->config_file));
	}
	if (memmem(bytes, length, luajit, sizeof(luajit) - 1))
		binary->holds_luajit = true;
}

static int identify(int fd, struct nginx_binary *out)
{
	struct stat stat;

	if (fstat(fd, &stat))
		return -errno;
	out->device = stat.st_dev;
	out->inode = stat.st_ino;
	return 0;
}

int nginx_binary_identify(pid_t pid, struct nginx_binary *out)
{
	int fd = reach_proc(pid, "exe"), result;

	memset(out, 0, sizeof(*out));
	if (fd < 0)
		return fd;
	result = identify(fd, out);
	close(fd);
	return result;
}

int nginx_binary_read(pid_t pid, struct nginx_binary *out)
{
	char *bytes = malloc(CHUNK);
	int fd = reach_proc(pid, "exe"), result = fd < 0 ? fd : 0;
	size_t kept = 0;

	memset(out, 0, sizeof(*out));
	if (!bytes)
		result = -ENOMEM;
	if (!result)
		result = identify(fd, out);
	for (off_t offset = 0; !result && offset < MAX_BYTES;) {
		ssize_t n = pread(fd, bytes + kept, CHUNK - kept, offset);

		if (n < 0)
			result = -errno;
		if (n <= 0)
			break;
		offset += n;
		kept += (size_t)n;
		look_at_chunk(out, bytes, kept);
		if (kept > OVERLAP) {
			memmove(bytes, bytes + kept - OVERLAP, OVERLAP);
			kept = OVERLAP;
		}
	}
	if (fd >= 0)
		close(fd);
	free(bytes);
	return result;
}
