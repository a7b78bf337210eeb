/* SPDX-License-Identifier: MIT */
#include "commands/transfer.h"

#include "commands/capture.h"
#include "host/target_file.h"
#include "wire/messages.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 48 * 1024, ENOUGH_PENDING = 256 * 1024, MAX_PATH_TEXT = 4200 };

static int fail(struct outbox *o, uint32_t request, const char *path, const char *reason)
{
	char text[MAX_PATH_TEXT];

	snprintf(text, sizeof(text), "%s cannot be read: %s.", path, reason);
	return wire_failure(o, request, FAILURE_FILE, text, "");
}

int transfer_begin(struct transfers *t, struct outbox *o, uint32_t request, pid_t pid,
		   const char *path)
{
	struct transfer *file = NULL;
	char text[MAX_PATH_TEXT];
	struct stat stat;
	int fd;

	for (size_t i = 0; i < TRANSFER_MAX_FILES && !file; i++) {
		if (!t->files[i].request)
			file = &t->files[i];
	}
	if (!file)
		return fail(o, request, path,
			    "too many files are being read. Try again in a moment");
	if (path[0] != '/')
		return fail(o, request, path, "the path is not absolute");
	fd = target_open(pid, path, &stat);
	if (fd < 0) {
		target_error_text(fd, path, text, sizeof(text));
		return wire_failure(o, request, FAILURE_FILE, text, "");
	}
	if (stat.st_size > TRANSFER_MAX_BYTES) {
		close(fd);
		return fail(o, request, path,
			    "it is larger than 8 MiB, which is the most that is read");
	}
	*file = (struct transfer){
		.request = request,
		.fd = fd,
		.size = (uint64_t)stat.st_size,
		.modified_us = (uint64_t)stat.st_mtim.tv_sec * 1000000 +
			       (uint64_t)stat.st_mtim.tv_nsec / 1000,
	};
	return 0;
}

static void close_file(struct transfer *file)
{
	close(file->fd);
	file->request = 0;
}

static int send_chunk(struct transfer *file, struct outbox *o)
{
	static char chunk[CHUNK];
	struct wire_file message = {.request = file->request,
				    .chunk = chunk,
				    .size = file->size,
				    .modified_us = file->modified_us};
	ssize_t n = pread(file->fd, chunk, sizeof(chunk), (off_t)file->offset);
	int result;

	if (n < 0 && errno == EINTR)
		return 0;
	if (n < 0 || file->offset + (uint64_t)n > TRANSFER_MAX_BYTES) {
		const char *reason = n < 0 ? strerror(errno) : "it grew beyond 8 MiB meanwhile";

		result = fail(o, file->request, "The file", reason);
		close_file(file);
		return result;
	}
	message.chunk_length = (size_t)n;
	file->offset += (uint64_t)n;
	message.done = n == 0;
	/* A file that is cut or grows while it is read has the size of what was read. */
	if (message.done)
		message.size = file->offset;
	result = wire_file(o, &message);
	if (message.done)
		close_file(file);
	return result;
}

int transfer_continue(struct transfers *t, struct outbox *o)
{
	for (size_t i = 0; i < TRANSFER_MAX_FILES; i++) {
		while (t->files[i].request && outbox_pending(o) < ENOUGH_PENDING) {
			int result = send_chunk(&t->files[i], o);

			if (result)
				return result;
		}
	}
	return 0;
}

bool transfer_waits(const struct transfers *t)
{
	for (size_t i = 0; i < TRANSFER_MAX_FILES; i++) {
		if (t->files[i].request)
			return true;
	}
	return false;
}

void transfer_end(struct transfers *t)
{
	for (size_t i = 0; i < TRANSFER_MAX_FILES; i++) {
		if (t->files[i].request)
			close_file(&t->files[i]);
	}
}
