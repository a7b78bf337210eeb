/* SPDX-License-Identifier: MIT */
#include "trace/endings.h"

#include "host/ending.h"
#include "naming/process.h"

/* A parent takes note of its children's ends at once, unless it hangs. */
enum { ENDING_WITHIN_MS = 1000 };

bool tell_ending(const struct notices *notices, const struct process *p, uint64_t now_ms)
{
	struct ending ending;
	char text[128];

	if (!ending_of(p->pidfd, &ending) && now_ms - p->exited_ms < ENDING_WITHIN_MS)
		return false;
	ending_text(&ending, p->pid, text, sizeof(text));
	if (notices->notice)
		notices->notice(notices->context,
				ending_is_fault(&ending) ? NOTICE_WORKER_CRASHED
							 : NOTICE_WORKER_LEFT,
				p->pid, text, "");
	return true;
}
