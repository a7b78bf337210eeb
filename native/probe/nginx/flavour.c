/* SPDX-License-Identifier: MIT */
#include "nginx/flavour.h"

#include "host/target_file.h"
#include "host/tempt.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_CONFIG = 512 * 1024, MAX_SOURCE = 16 * 1024, MAX_PATHS = 32 };

/* "name = 12" or "name = "12"": the value, without quotes; only characters of versions. */
static bool assigned(const char *lua, const char *name, char *out, size_t capacity)
{
	size_t length = strlen(name);

	for (const char *p = lua; (p = strstr(p, name)); p += length) {
		const char *value = p + length;
		size_t size;

		value += strspn(value, " \t");
		if (*value != '=' || (p > lua && !strchr(" \t\n,{", p[-1])))
			continue;
		value += 1 + strspn(value + 1, " \t\"'");
		size = strspn(value, "0123456789.-+abcdefghijklmnopqrstuvwxyz");
		snprintf(out, capacity, "%.*s", (int)size, value);
		return size > 0;
	}
	return false;
}

void kong_version_in(const char *lua, char *out, size_t capacity)
{
	char major[8], minor[8], patch[16];

	*out = '\0';
	if (assigned(lua, "major", major, sizeof(major)) &&
	    assigned(lua, "minor", minor, sizeof(minor)) &&
	    assigned(lua, "patch", patch, sizeof(patch)))
		snprintf(out, capacity, "%s.%s.%s", major, minor, patch);
}

void apisix_version_in(const char *lua, char *out, size_t capacity)
{
	*out = '\0';
	assigned(lua, "VERSION", out, capacity);
}

/* Reads the first file of `module` along a Lua package path ("/a/?.lua;$prefix/?.lua"). */
static bool read_module(const struct nginx_master *master, const char *path, const char *module,
			char *out, size_t capacity)
{
	for (int i = 0; i < MAX_PATHS && *path; i++) {
		size_t length = strcspn(path, ";"), prefix = 0;
		const char *mark = memchr(path, '?', length);
		char file[2048];

		if (!strncmp(path, "$prefix", 7) || !strncmp(path, "${prefix}", 9))
			prefix = path[1] == '{' ? 9 : 7;
		if (mark && !memmem(path, length, "?/init.lua", 10)) {
			snprintf(file, sizeof(file), "%s%.*s%s%.*s", prefix ? master->prefix : "",
				 (int)(mark - path - (ptrdiff_t)prefix), path + prefix, module,
				 (int)(path + length - mark - 1), mark + 1);
			if (target_read(master->pid, file, out, capacity) > 0)
				return true;
		}
		path += length + strspn(path + length, ";");
	}
	return false;
}

/* The value of lua_package_path in a configuration, or "". */
static void package_path(const char *config, char *out, size_t capacity)
{
	const char *found = strstr(config, "lua_package_path");

	*out = '\0';
	if (!found)
		return;
	found += strlen("lua_package_path");
	found += strspn(found, " \t\"'");
	snprintf(out, capacity, "%.*s", (int)strcspn(found, "\"'\n"), found);
}

static bool exists(const struct nginx_master *master, const char *name)
{
	char path[sizeof(master->prefix) + 64];
	struct stat stat;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", master->prefix, name);
	fd = target_open(master->pid, path, &stat);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* Reads the configuration that Kong writes beside nginx.conf: its Lua paths are there. */
static void read_kong_config(const struct nginx_master *master, char *config)
{
	char path[sizeof(master->prefix) + 64];

	snprintf(path, sizeof(path), "%s/nginx-kong.conf", master->prefix);
	if (target_read(master->pid, path, config, MAX_CONFIG) < 0)
		*config = '\0';
}

static void look_for_products(struct nginx_master *master, char *config)
{
	static const char usual[] = "/usr/local/share/lua/5.1/?.lua;/usr/local/kong/?.lua;"
				    "/usr/local/apisix/?.lua;/usr/share/lua/5.1/?.lua;"
				    "$prefix/?.lua";
	char path[4096], source[MAX_SOURCE];
	const char *module;

	if (exists(master, ".kong_env") || strstr(config, "require 'kong'") ||
	    strstr(config, "require(\"kong\")"))
		master->kind = SERVER_KONG;
	else if (strstr(config, "apisix.http_init") || strstr(config, "require \"apisix\""))
		master->kind = SERVER_APISIX;
	else
		return;
	*master->version = '\0';
	module = master->kind == SERVER_KONG ? "kong/meta" : "apisix/core/version";
	if (master->kind == SERVER_KONG)
		read_kong_config(master, config);
	package_path(config, path, sizeof(path));
	if (!read_module(master, path, module, source, sizeof(source)) &&
	    !read_module(master, usual, module, source, sizeof(source)))
		return;
	if (master->kind == SERVER_KONG)
		kong_version_in(source, master->version, sizeof(master->version));
	else
		apisix_version_in(source, master->version, sizeof(master->version));
}

/* "1.25.3" of "1.25.3.2": OpenResty's version is nginx's and a number more. */
static void first_three(const char *version, char *out, size_t capacity)
{
	size_t length = 0;

	for (int dots = 0; version[length]; length++) {
		if (version[length] == '.' && ++dots == 3)
			break;
	}
	snprintf(out, capacity, "%.*s", (int)length, version);
}

void nginx_flavour(struct nginx_master *master, const struct nginx_binary *binary)
{
	const char *slash = strchr(binary->version, '/');
	const char *number = slash ? slash + 1 : "";
	char *config;

	snprintf(master->version, sizeof(master->version), "%s", number);
	first_three(number, master->nginx_version, sizeof(master->nginx_version));
	master->kind = strncmp(binary->version, "openresty/", 10) ? SERVER_NGINX : SERVER_OPENRESTY;
	config = malloc(MAX_CONFIG);
	if (!config)
		return;
	if (target_read(master->pid, master->config_file, config, MAX_CONFIG) < 0)
		*config = '\0';
	tempt(config, strlen(config));
	look_for_products(master, config);
	free(config);
}
