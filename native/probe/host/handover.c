/* SPDX-License-Identifier: MIT */
#include "host/handover.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	char bytes[CMSG_SPACE(HANDOVER_MOST * sizeof(int))];
	struct cmsghdr align;
};

bool handover_send(int socket, const void *bytes, size_t size, const int *descriptors, size_t count)
{
	struct iovec part = {(void *)bytes, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	union control control = {{0}};
	struct cmsghdr *rights;
	ssize_t n;

	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&message);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
		memcpy(CMSG_DATA(rights), descriptors, count * sizeof(int));
	}
	do
		n = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)size;
}

static size_t take(struct msghdr *message, int *out, size_t most)
{
	struct cmsghdr *rights = CMSG_FIRSTHDR(message);
	int given[HANDOVER_MOST];
	size_t count;

	if (!rights || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS)
		return 0;
	count = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	memcpy(given, CMSG_DATA(rights), count * sizeof(int));
	while (count > most)
		close(given[--count]);
	memcpy(out, given, count * sizeof(int));
	return count;
}

ssize_t handover_receive(int socket, void *bytes, size_t capacity, int *descriptors, size_t *count)
{
	struct iovec part = {bytes, capacity};
	union control control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	do
		n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*count = n < 0 ? 0 : take(&message, descriptors, *count);
	return n;
}
