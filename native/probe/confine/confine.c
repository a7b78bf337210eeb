/* SPDX-License-Identifier: MIT */
#include "confine/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "confine/filter.h"
#include "confine/keeper.h"
#include "host/capabilities.h"
#include "host/memory.h"
#include "host/refusal.h"
#include "host/usage.h"

/* Above what distributions and containers give to users, below 2^31; one for each process. */
#define NOBODYS_FIRST 0x7ac00000u
#define NOBODYS_MASK 0x3fffffu
/* The user of that name everywhere; for containers whose users end early. */
#define NOBODY 65534u
#define BYTES_MOST (1ULL << 30)

static void write_text(const char *path, const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	/* Where that is refused, the kernel chooses as it does for all others. */
	if (write(fd, text, length) < 0)
		errno = 0;
	close(fd);
}

static void raise_limit(int resource, rlim_t most)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max = most;
	if (!setrlimit(resource, &limit) || getrlimit(resource, &limit))
		return;
	limit.rlim_cur = limit.rlim_max < most ? limit.rlim_max : most;
	setrlimit(resource, &limit);
}

void confine_prepare(void)
{
	static const char first_to_go[] = "1000";
	struct rlimit files;

	/* Later it has given up what it was started with. */
	standing_own();
	/* A file with capabilities starts with its folder of /proc closed to itself. */
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	write_text("/proc/self/oom_score_adj", first_to_go, sizeof(first_to_go) - 1);
	setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
	if (!getrlimit(RLIMIT_NOFILE, &files)) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	/* Kernels before 5.11 count the memory of BPF maps against it; rings are counted still. */
	raise_limit(RLIMIT_MEMLOCK, RLIM_INFINITY);
}

/* A user and a group with nothing of their own. False: there is none here. */
static bool become(uid_t id)
{
	return !setresgid(id, id, id) && !setresuid(id, id, id);
}

static bool leave_user(void)
{
	uint64_t needed = CAPABILITY(SETUID) | CAPABILITY(SETGID);

	if ((capabilities_effective() & needed) != needed)
		return true;
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (setgroups(0, NULL) && errno != EPERM)
		return false;
	/* In a user namespace most numbers belong to nobody, and cannot be taken. */
	return become(NOBODYS_FIRST + ((unsigned int)getpid() & NOBODYS_MASK)) || become(NOBODY) ||
	       errno == EINVAL;
}

bool confine(const struct confinement *c)
{
	uint64_t kept = c->capabilities & capabilities_permitted();
	int result;

	/* Before the change of user, which takes away what that needs. */
	capabilities_drop_bounds();
	if (c->nobody && !leave_user())
		return false;
	result = capabilities_keep(kept);
	prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	if (result) {
		errno = -result;
		return false;
	}
	/* No other process of the same user looks into it. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (c->rights & FILTER_READV)
		memory_by_call();
	return filter_install(c->rights);
}

bool confine_split(const struct confinement *keeper, const struct confinement *reader,
		   reach_answers answers)
{
	pid_t pid;
	int socket = keeper_start(keeper, answers, &pid);

	if (socket < 0)
		return false;
	reach_through(socket);
	usage_includes(pid);
	setrlimit(RLIMIT_DATA, &(struct rlimit){BYTES_MOST, BYTES_MOST});
	return confine(reader);
}
