/* SPDX-License-Identifier: MIT */
/*
 * The nginx servers of this machine, found by /proc alone: nothing of theirs is executed. All texts
 * come from the targets and may hold any bytes.
 */
#ifndef ACUPOINT_LISTING_H
#define ACUPOINT_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The numbers of ServerKind in acupoint.proto. */
enum server_kind { SERVER_NGINX = 0, SERVER_OPENRESTY = 1, SERVER_KONG = 2, SERVER_APISIX = 3 };

enum { NGINX_MAX_MASTERS = 256, NGINX_MAX_WORKERS = 1024, NGINX_MAX_LISTEN = 64 };

struct nginx_worker {
	pid_t pid;
	uint64_t start_time; /* clock ticks after boot */
	uint64_t rss_bytes;
	uint64_t measured_ns, cpu_ns; /* when the measurement began */
	float cpu_percent;
	bool refused; /* the kernel does not let us read it */
	char title[128];
};

struct nginx_master {
	pid_t pid;
	enum server_kind kind;
	char version[32], nginx_version[32];
	char executable[1024], command_line[1024];
	char prefix[1024], config_file[1024];
	char container[80], user[64];
	char (*listen)[128];
	size_t listen_count;
	bool lua;
	struct nginx_worker *workers;
	size_t worker_count;
};

struct nginx_listing {
	struct nginx_master *masters;
	size_t count;
};

/* Finds them and begins to measure CPU. 0 or -errno. */
int nginx_listing_begin(struct nginx_listing *out);
/* Sets the workers' cpu_percent; at least 100 ms after the beginning. */
void nginx_listing_measure(struct nginx_listing *listing);
void nginx_listing_free(struct nginx_listing *listing);

#endif
