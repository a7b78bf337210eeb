/* SPDX-License-Identifier: MIT */
#include "commands/commands.h"

#include "commands/confined.h"
#include "commands/json.h"
#include "model/utf8.h"
#include "nginx/listing.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MEASURE_MS = 120 };

static const char *const kinds[] = {"nginx", "OpenResty", "Kong", "APISIX"};

static void member(FILE *out, const char *key, const char *text)
{
	fputc(',', out);
	json_member(out, key, text);
}

static void write_worker_json(FILE *out, const struct nginx_worker *worker)
{
	fprintf(out, "{\"pid\":%d,\"startTime\":%llu,\"cpuPercent\":%.1f,\"rssBytes\":%llu,",
		worker->pid, (unsigned long long)worker->start_time, (double)worker->cpu_percent,
		(unsigned long long)worker->rss_bytes);
	json_member(out, "title", worker->title);
	fputc('}', out);
}

static void write_master_json(FILE *out, const struct nginx_master *master)
{
	fprintf(out, "{\"pid\":%d", master->pid);
	member(out, "kind", kinds[master->kind]);
	member(out, "version", master->version);
	member(out, "nginxVersion", master->nginx_version);
	member(out, "executable", master->executable);
	member(out, "commandLine", master->command_line);
	member(out, "prefix", master->prefix);
	member(out, "configFile", master->config_file);
	member(out, "container", master->container);
	member(out, "user", master->user);
	fprintf(out, ",\"lua\":%s,\"listen\":[", master->lua ? "true" : "false");
	for (size_t i = 0; i < master->listen_count; i++) {
		fputs(i ? "," : "", out);
		json_text(out, master->listen[i], strlen(master->listen[i]));
	}
	fputs("],\"workers\":[", out);
	for (size_t i = 0; i < master->worker_count; i++) {
		fputs(i ? "," : "", out);
		write_worker_json(out, &master->workers[i]);
	}
	fputs("]}", out);
}

static void write_json(FILE *out, const struct nginx_listing *listing)
{
	fputs("{\"masters\":[", out);
	for (size_t i = 0; i < listing->count; i++) {
		fputs(i ? ",\n" : "\n", out);
		write_master_json(out, &listing->masters[i]);
	}
	fputs("]}\n", out);
}

/* A target's text on a terminal: no control character reaches it. */
static void show(FILE *out, const char *text)
{
	size_t length = strlen(text);

	for (size_t i = 0; i < length;) {
		size_t size = utf8_sequence(text + i, length - i);

		if (!size || (unsigned char)text[i] < 0x20 || text[i] == 0x7f ||
		    (size == 2 && (unsigned char)text[i] == 0xc2 &&
		     (unsigned char)text[i + 1] < 0xa0))
			fputc('?', out);
		else
			fwrite(text + i, 1, size, out);
		i += size ? size : 1;
	}
}

static void write_master_table(FILE *out, const struct nginx_master *master)
{
	fprintf(out, "%s", kinds[master->kind]);
	if (*master->version) {
		fputc(' ', out);
		show(out, master->version);
	}
	fprintf(out, "  master %d  user ", master->pid);
	show(out, master->user);
	if (*master->container) {
		fputs("  container ", out);
		show(out, master->container);
	}
	fprintf(out, "%s\n  config  ", master->lua ? "" : "  no Lua");
	show(out, master->config_file);
	fputs("\n  listen ", out);
	for (size_t i = 0; i < master->listen_count; i++) {
		fputc(' ', out);
		show(out, master->listen[i]);
	}
	fputs("\n      PID    CPU %  RSS MB\n", out);
	for (size_t i = 0; i < master->worker_count; i++) {
		const struct nginx_worker *worker = &master->workers[i];

		fprintf(out, "  %7d  %7.1f %7.1f  ", worker->pid, (double)worker->cpu_percent,
			(double)worker->rss_bytes / 1e6);
		show(out, worker->title);
		fputc('\n', out);
	}
}

static void write_table(FILE *out, const struct nginx_listing *listing)
{
	if (!listing->count)
		fputs("No nginx runs here, or none that this user may see.\n", out);
	for (size_t i = 0; i < listing->count; i++) {
		fputs(i ? "\n" : "", out);
		write_master_table(out, &listing->masters[i]);
	}
}

int command_list(int argc, char **argv)
{
	const struct timespec pause = {0, MEASURE_MS * 1000000};
	struct nginx_listing listing;
	bool json = argc == 1 && !strcmp(argv[0], "--json");
	int result;

	if (argc && !json) {
		fprintf(stderr, "acupoint-probe list: unknown argument %s\n", argv[0]);
		return EXIT_USAGE;
	}
	if (!confined_list())
		return EXIT_FAILED;
	result = nginx_listing_begin(&listing);
	if (result) {
		fprintf(stderr, "acupoint-probe list: /proc cannot be read: %s\n",
			strerror(-result));
		return EXIT_FAILED;
	}
	nanosleep(&pause, NULL);
	nginx_listing_measure(&listing);
	if (json)
		write_json(stdout, &listing);
	else
		write_table(stdout, &listing);
	nginx_listing_free(&listing);
	if (fflush(stdout)) {
		fprintf(stderr, "acupoint-probe list: cannot write: %s\n", strerror(errno));
		return EXIT_FAILED;
	}
	return EXIT_OK;
}
