/* SPDX-License-Identifier: MIT */
#include "host/capabilities.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORDS = 2, LAST_CAPABILITY = 63 };

static int get(struct __user_cap_data_struct data[WORDS])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	memset(data, 0, WORDS * sizeof(*data));
	return syscall(SYS_capget, &header, data) ? -errno : 0;
}

static int set(const struct __user_cap_data_struct data[WORDS])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

uint64_t capabilities_effective(void)
{
	struct __user_cap_data_struct data[WORDS];

	return get(data) ? 0 : data[0].effective | (uint64_t)data[1].effective << 32;
}

uint64_t capabilities_permitted(void)
{
	struct __user_cap_data_struct data[WORDS];

	return get(data) ? 0 : data[0].permitted | (uint64_t)data[1].permitted << 32;
}

int capabilities_set_effective(uint64_t wanted)
{
	struct __user_cap_data_struct data[WORDS];
	int result = get(data);

	if (result)
		return result;
	data[0].effective = data[0].permitted & (uint32_t)wanted;
	data[1].effective = data[1].permitted & (uint32_t)(wanted >> 32);
	return set(data);
}

void capabilities_drop_bounds(void)
{
	for (int i = 0; i <= LAST_CAPABILITY && prctl(PR_CAPBSET_READ, i) >= 0; i++)
		prctl(PR_CAPBSET_DROP, i);
}

int capabilities_keep(uint64_t wanted)
{
	struct __user_cap_data_struct data[WORDS];
	int result;

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	result = get(data);
	if (result)
		return result;
	for (int i = 0; i < WORDS; i++) {
		data[i].permitted &= (uint32_t)(wanted >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return set(data);
}
