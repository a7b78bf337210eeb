/* SPDX-License-Identifier: MIT */
/* Which product a server is, beyond its executable. */
#ifndef ACUPOINT_FLAVOUR_H
#define ACUPOINT_FLAVOUR_H

#include "nginx/binary.h"
#include "nginx/listing.h"

/* Sets kind, version and nginx_version; the paths of the master are known. */
void nginx_flavour(struct nginx_master *master, const struct nginx_binary *binary);

/* "3.9.1" out of kong/meta.lua or apisix/core/version.lua. Empty where the text is not as expected.
 */
void kong_version_in(const char *lua, char *out, size_t capacity);
void apisix_version_in(const char *lua, char *out, size_t capacity);

#endif
