/* SPDX-License-Identifier: MIT */
#include "nginx/sockets.h"

#include "host/procfs.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_INODES = 4096, TCP_LISTENING = 0x0a, UNIX_ACCEPTS = 0x10000 };

struct found {
	uint64_t inodes[MAX_INODES]; /* ascending */
	size_t inode_count;
	socket_text *out;
	size_t count, capacity;
};

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void read_inodes(pid_t pid, struct found *f)
{
	DIR *fds = proc_folder(pid, "fd");
	char name[300], target[64];
	struct dirent *entry;

	if (!fds)
		return;
	while (f->inode_count < MAX_INODES && (entry = readdir(fds))) {
		snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		if (proc_link(pid, name, target, sizeof(target)) > 0 &&
		    !strncmp(target, "socket:[", 8))
			f->inodes[f->inode_count++] = strtoull(target + 8, NULL, 10);
	}
	closedir(fds);
	qsort(f->inodes, f->inode_count, sizeof(*f->inodes), by_number);
}

static bool is_ours(const struct found *f, uint64_t inode)
{
	return inode &&
	       bsearch(&inode, f->inodes, f->inode_count, sizeof(*f->inodes), by_number) != NULL;
}

static void add(struct found *f, const char *text)
{
	for (size_t i = 0; i < f->count; i++) {
		if (!strcmp(f->out[i], text))
			return;
	}
	if (f->count < f->capacity)
		snprintf(f->out[f->count++], sizeof(socket_text), "%s", text);
}

/* The kernel writes an address as 32-bit words in its own byte order. */
static bool parse_address(const char *text, bool six, char *out, size_t capacity)
{
	char shown[INET6_ADDRSTRLEN];
	uint32_t words[4] = {0};
	unsigned int port;
	int words_wanted = six ? 4 : 1;

	for (int i = 0; i < words_wanted; i++) {
		if (sscanf(text + 8 * i, "%8x", &words[i]) != 1)
			return false;
	}
	if (sscanf(text + 8 * words_wanted, ":%x", &port) != 1 ||
	    !inet_ntop(six ? AF_INET6 : AF_INET, words, shown, sizeof(shown)))
		return false;
	snprintf(out, capacity, six ? "[%s]:%u" : "%s:%u", shown, port);
	return true;
}

static void read_tcp(pid_t pid, bool six, struct found *f)
{
	FILE *file = proc_stream(pid, six ? "net/tcp6" : "net/tcp");
	char line[512], local[64], text[sizeof(socket_text)];
	unsigned long long inode;
	unsigned int state;

	if (!file)
		return;
	while (f->count < f->capacity && fgets(line, sizeof(line), file)) {
		if (sscanf(line, " %*u: %63s %*s %x %*s %*s %*s %*u %*u %llu", local, &state,
			   &inode) != 3)
			continue;
		/* The listening ones come first; of the others there can be a hundred thousand. */
		if (state != TCP_LISTENING)
			break;
		if (is_ours(f, inode) && parse_address(local, six, text, sizeof(text)))
			add(f, text);
	}
	fclose(file);
}

static void read_unix(pid_t pid, struct found *f)
{
	char line[512], name[120], text[sizeof(socket_text)];
	FILE *file = proc_stream(pid, "net/unix");
	unsigned long long inode;
	unsigned int flags;

	if (!file)
		return;
	while (f->count < f->capacity && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%*s %*x %*x %x %*x %*x %llu %119s", &flags, &inode, name) != 3 ||
		    !(flags & UNIX_ACCEPTS) || !is_ours(f, inode))
			continue;
		snprintf(text, sizeof(text), "unix:%s", name);
		add(f, text);
	}
	fclose(file);
}

size_t listening_sockets(pid_t pid, socket_text *out, size_t capacity)
{
	struct found *f = calloc(1, sizeof(*f));
	size_t count;

	if (!f)
		return 0;
	f->out = out;
	f->capacity = capacity;
	read_inodes(pid, f);
	if (f->inode_count) {
		read_tcp(pid, false, f);
		read_tcp(pid, true, f);
		read_unix(pid, f);
	}
	count = f->count;
	free(f);
	return count;
}
