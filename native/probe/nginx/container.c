/* SPDX-License-Identifier: MIT */
#include "nginx/container.h"

#include "host/procfs.h"

#include <stdio.h>
#include <string.h>

enum { ID_LENGTH = 64, SHORT_ID_LENGTH = 12 };

/* The name that follows `marker`, up to the end of its part of the path. */
static int name_after(const char *cgroup, const char *marker, char *out, size_t capacity)
{
	const char *found = strstr(cgroup, marker);

	if (!found)
		return 0;
	found += strlen(marker);
	snprintf(out, capacity, "%.*s", (int)strcspn(found, "/\n"), found);
	return *out != '\0';
}

void container_in_cgroup(const char *cgroup, char *out, size_t capacity)
{
	char *suffix;

	*out = '\0';
	/* Every engine but LXC and nspawn puts the full id, 64 hexadecimal digits, somewhere in the
	 * path. */
	for (const char *p = cgroup; *p; p++) {
		size_t digits = strspn(p, "0123456789abcdef");

		if (digits == ID_LENGTH) {
			snprintf(out, capacity, "%.*s", SHORT_ID_LENGTH, p);
			return;
		}
		if (digits)
			p += digits - 1;
	}
	if (name_after(cgroup, "/lxc.payload.", out, capacity) ||
	    name_after(cgroup, "/lxc/", out, capacity))
		return;
	if (name_after(cgroup, "/machine.slice/systemd-nspawn@", out, capacity)) {
		suffix = strstr(out, ".service");
		if (suffix)
			*suffix = '\0';
	}
}

void container_of(pid_t pid, char *out, size_t capacity)
{
	char cgroup[8192];

	*out = '\0';
	if (proc_read(pid, "cgroup", cgroup, sizeof(cgroup)) > 0)
		container_in_cgroup(cgroup, out, capacity);
}
