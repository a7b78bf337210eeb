/* SPDX-License-Identifier: MIT */
#include "commands/heap_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/heap.h"
#include "host/procfs.h"
#include "instruments/granted.h"

/* One at a time. */
static pid_t child;

/* Nothing that its parent holds open is for a process that reads a hostile heap. */
static void close_others(void)
{
	DIR *own = opendir("/proc/self/fd");
	struct dirent *entry;
	int fd;

	while (own && (entry = readdir(own))) {
		fd = proc_parse_pid(entry->d_name);
		if (fd > STDERR_FILENO && fd != dirfd(own))
			close(fd);
	}
	if (own)
		closedir(own);
}

static void run(const struct take_options *options, int out, pid_t keeper)
{
	sigset_t none;

	/* Whoever started it takes it along when it goes. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != keeper || dup2(out, STDOUT_FILENO) < 0)
		_exit(EXIT_FAILURE);
	close_others();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	reach_here(reach_answer_files);
	_exit(heap_snapshot(options));
}

static int begin(const struct reach_request *request, int *out)
{
	const struct take_options options = {.pid = request->pid,
					     .max_pause_ms = (uint32_t)request->values[0]};
	pid_t keeper = getpid();
	int ends[2];

	if (child || request->pid <= 0 || !request->values[0] ||
	    request->values[0] > TAKE_MOST_PAUSE_MS)
		return -EINVAL;
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	child = fork();
	if (!child)
		run(&options, ends[1], keeper);
	close(ends[1]);
	if (child < 0) {
		child = 0;
		close(ends[0]);
		return -EAGAIN;
	}
	*out = ends[0];
	return 0;
}

/* A child that has ended by itself keeps its own status. */
static void end(struct reach_answer *answer)
{
	int status = 0;

	if (child) {
		kill(child, SIGKILL);
		waitpid(child, &status, 0);
	}
	child = 0;
	answer->values[0] = (uint64_t)status;
}

void heap_job_answer(const struct reach_request *request, int descriptor,
		     struct reach_answer *answer, int *descriptors)
{
	if (request->op == REACH_HEAP) {
		answer->result = begin(request, descriptors);
		answer->descriptors = !answer->result;
	} else if (request->op == REACH_HEAP_END) {
		end(answer);
	} else {
		granted_answer(request, descriptor, answer, descriptors);
	}
}
