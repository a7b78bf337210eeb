/* SPDX-License-Identifier: MIT */
/*
 * Runs inputs through a fuzz target as the probe runs its readers: without capabilities, behind the
 * reader's filter of system calls. A call that is not on its list ends it. Sanitizers and libFuzzer
 * itself need more than that, so this is a program of its own.
 *
 *   NAME-confined FOLDER     all files of a folder, which are read before
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "confine/confine.h"
#include "confine/filter.h"

enum { MOST = 65536, LONGEST = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	uint8_t *bytes;
	size_t size;
};

static void load(struct input *input, const char *folder, const char *name)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "re");
	input->bytes = malloc(LONGEST);
	if (!file || !input->bytes) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	input->size = fread(input->bytes, 1, LONGEST, file);
	fclose(file);
	input->bytes = realloc(input->bytes, input->size ? input->size : 1);
}

int main(int argc, char **argv)
{
	static struct input inputs[MOST];
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	size_t count = 0;

	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	while (count < MOST && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			load(&inputs[count++], argv[1], entry->d_name);
	closedir(folder);
	if (!confine(&(struct confinement){.rights = FILTER_READ, .nobody = true})) {
		perror("cannot be confined");
		return EXIT_FAILURE;
	}
	for (size_t i = 0; i < count; i++)
		LLVMFuzzerTestOneInput(inputs[i].bytes, inputs[i].size);
	printf("%zu inputs\n", count);
	return count ? EXIT_SUCCESS : EXIT_FAILURE;
}
