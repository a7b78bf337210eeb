/* SPDX-License-Identifier: MIT */
#include "heap/quiet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/procfs.h"

static uint64_t number_after(const char *text, const char *label)
{
	const char *at = strstr(text, label);

	return at ? strtoull(at + strlen(label), NULL, 10) : 0;
}

static void look_at_thread(pid_t pid, pid_t tid, struct quiet *out)
{
	char name[64], text[4096], *state;

	snprintf(name, sizeof(name), "task/%d/status", (int)tid);
	state = proc_read(pid, name, text, sizeof(text)) > 0 ? strstr(text, "\nState:\t") : NULL;
	if (!state || state[8] != 'S')
		out->sleeps = false;
	if (state && state[8] == 'R')
		out->runs = true;
	/* Multiplied, so that a thread that ends does not make up for one that ran. */
	if (state)
		out->switches += (uint64_t)tid * 0x9e3779b97f4a7c15ULL +
				 number_after(state, "\nvoluntary_ctxt_switches:") +
				 number_after(state, "nonvoluntary_ctxt_switches:");
}

void quiet_look(pid_t pid, struct quiet *out)
{
	DIR *dir = proc_folder(pid, "task");
	struct dirent *entry;
	pid_t tid;

	*out = (struct quiet){.sleeps = true};
	out->sleeps = dir != NULL;
	while (dir && (entry = readdir(dir))) {
		tid = proc_parse_pid(entry->d_name);
		if (tid)
			look_at_thread(pid, tid, out);
	}
	if (dir)
		closedir(dir);
}
