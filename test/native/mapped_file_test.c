/* SPDX-License-Identifier: MIT */
/* modules: native/mapped_file.c native/mappings.c */
/* The file behind a mapping, which stays open for a moment, is that one and no other. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "native/mapped_file.h"

static char path[] = "/tmp/acupoint-mapped-XXXXXX";

/* Maps a new file of this content, which takes the place of the one before. */
static void *map_file(const char *content)
{
	int fd;
	void *memory;

	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && write(fd, content, 4) == 4);
	memory = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	CHECK(memory != MAP_FAILED);
	close(fd);
	return memory;
}

static bool leads_to(const void *memory, const char *content)
{
	const struct mapping *mapping;
	char text[4] = {0};
	struct mappings maps;
	struct stat stat;
	int fd;

	CHECK(!mappings_read(getpid(), &maps));
	mapping = mappings_find(&maps, (uintptr_t)memory);
	CHECK(mapping);
	fd = mapped_file_open(getpid(), mapping, &stat);
	CHECK(fd >= 0 && stat.st_ino == mapping->inode && stat.st_size == 4);
	CHECK(pread(fd, text, 4, 0) == 4);
	close(fd);
	mappings_free(&maps);
	return !memcmp(text, content, 4);
}

static size_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t count = 0;

	CHECK(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

static void gives_each_mapping_its_own_file(void)
{
	size_t before = open_descriptors();
	void *first = map_file("old."), *second;

	CHECK(leads_to(first, "old.") && leads_to(first, "old."));
	second = map_file("new.");
	CHECK(leads_to(second, "new."));
	/* Deleted, and known all the same. */
	CHECK(leads_to(first, "old."));
	CHECK(open_descriptors() == before + 2);
	mapped_files_forget(false);
	CHECK(open_descriptors() == before + 2);
	mapped_files_forget(true);
	CHECK(open_descriptors() == before);
	munmap(first, 4096);
	munmap(second, 4096);
}

static void keeps_few_files_open(void)
{
	size_t before = open_descriptors();
	void *memory[40];

	for (size_t i = 0; i < 40; i++) {
		memory[i] = map_file("some");
		CHECK(leads_to(memory[i], "some"));
	}
	CHECK(open_descriptors() == before + 16);
	mapped_files_forget(true);
	CHECK(open_descriptors() == before);
	for (size_t i = 0; i < 40; i++)
		munmap(memory[i], 4096);
}

int main(void)
{
	CHECK(mkstemp(path) >= 0);
	RUN(gives_each_mapping_its_own_file());
	RUN(keeps_few_files_open());
	unlink(path);
	return CHECKS_RESULT;
}
