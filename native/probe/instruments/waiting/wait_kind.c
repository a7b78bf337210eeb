/* SPDX-License-Identifier: MIT */
#include "instruments/waiting/wait_kind.h"

#include <string.h>

#include "luajit/object.h"
#include "luajit/proto.h"
#include "naming/lua_name.h"

enum {
	KNOWN_MAX = 4096,
	NAME_MAX = 64,
	CHUNK_MAX = 256,
	/* Lua frames whose files are asked: libraries wait by a function or two of their own. */
	CALLERS = 4,
};

static const char *const texts[WAIT_KINDS] = {
	[WAIT_OTHER] = "other",
	[WAIT_SLEEP] = "sleep",
	[WAIT_LOCK] = "lock",
	[WAIT_CONNECT] = "connect",
	[WAIT_READ] = "read",
	[WAIT_WRITE] = "write",
	[WAIT_TLS] = "TLS handshake",
	[WAIT_DNS] = "DNS",
	[WAIT_SEMAPHORE] = "semaphore",
	[WAIT_LIGHT_THREADS] = "light threads",
	[WAIT_SUBREQUEST] = "subrequest",
	[WAIT_CLIENT_BODY] = "body of the client",
	[WAIT_CLIENT_READ] = "client to read",
	[WAIT_WORKER_THREAD] = "worker thread",
	[WAIT_PIPE] = "child process",
	[WAIT_COROUTINE] = "coroutine",
	[WAIT_CLIENT_HEADER] = "header of the client",
	[WAIT_UPSTREAM_DNS] = "upstream: DNS",
	[WAIT_UPSTREAM_CONNECT] = "upstream: connect",
	[WAIT_UPSTREAM_HEADER] = "upstream: header",
	[WAIT_UPSTREAM_BODY] = "upstream: body",
	[WAIT_DELAYED] = "limit of nginx",
	[WAIT_RUNS] = "nothing",
};

/* By a part of the innermost function's name, as modules or its caller call it. */
static const struct {
	const char *part;
	enum wait_kind kind;
} by_name[] = {
	{"sslhandshake", WAIT_TLS},
	{"setclientcert", WAIT_TLS},
	{"connect", WAIT_CONNECT},
	{"setpeername", WAIT_CONNECT},
	{"receive", WAIT_READ},
	{"location.capture", WAIT_SUBREQUEST},
	{"thread.wait", WAIT_LIGHT_THREADS},
	{"read_body", WAIT_CLIENT_BODY},
	{"run_worker_thread", WAIT_WORKER_THREAD},
	{"sleep", WAIT_SLEEP},
	{"flush", WAIT_CLIENT_READ},
	{"ngx.print", WAIT_CLIENT_READ},
	{"ngx.say", WAIT_CLIENT_READ},
	{"ngx.eof", WAIT_CLIENT_READ},
	{"send", WAIT_WRITE},
	{"resume", WAIT_COROUTINE},
};

/* By a part of a caller's file: what libraries wait for by means of another thing. */
static const struct {
	const char *part;
	enum wait_kind kind;
	enum wait_kind instead; /* only of that; WAIT_KINDS: of any */
} by_file[] = {
	{"resty/lock.lua", WAIT_LOCK, WAIT_SLEEP},	   {"resty/dns/", WAIT_DNS, WAIT_READ},
	{"ngx/semaphore.lua", WAIT_SEMAPHORE, WAIT_KINDS}, {"ngx/pipe.lua", WAIT_PIPE, WAIT_KINDS},
	{"resty/core/socket", WAIT_TLS, WAIT_OTHER},	   {"ngx/ssl/", WAIT_TLS, WAIT_OTHER},
};

struct wait_kinds wait_kinds_of(void)
{
	return (struct wait_kinds){.known = id_map_of(KNOWN_MAX)};
}

void wait_kinds_free(struct wait_kinds *k)
{
	id_map_free(&k->known);
}

const char *wait_text(enum wait_kind k)
{
	return k < WAIT_KINDS ? texts[k] : texts[WAIT_OTHER];
}

static bool caller_of(struct lua_vm *vm, const struct parked_stack *s, struct proto *out)
{
	for (size_t i = 0; i < s->head.frames && i < CALLERS; i++)
		if (s->frames[i].kind == SAMPLE_LUA)
			return proto_read(&vm->memory, &vm->layout, s->frames[i].what, out);
	return false;
}

/* Finds the name that modules have for the innermost function, else that of the line that calls it.
 */
static size_t name_of(struct lua_vm *vm, const struct parked_stack *s, char *out)
{
	const struct sample_frame *leaf = &s->frames[0];
	struct c_identity id = {leaf->print, leaf->what, leaf->where};
	struct call_site site = {.position = NO_POSITION};
	struct proto caller;
	const char *name;
	size_t length = catalogue_c(vm->catalogue, &id, &name);

	if (length) {
		length = length < NAME_MAX - 1 ? length : NAME_MAX - 1;
		memcpy(out, name, length);
	} else if (s->head.frames > 1 && caller_of(vm, s, &caller)) {
		site.proto = &caller;
		site.position = proto_position(&vm->memory, &caller, s->frames[1].where);
		length = lua_site_name(vm, &site, out, NAME_MAX - 1);
	}
	out[length] = '\0';
	return length;
}

static enum wait_kind by_function(struct lua_vm *vm, const struct parked_stack *s)
{
	char name[NAME_MAX];

	if (s->frames[0].kind != SAMPLE_C || !name_of(vm, s, name))
		return WAIT_OTHER;
	for (size_t i = 0; i < sizeof(by_name) / sizeof(*by_name); i++)
		if (strstr(name, by_name[i].part))
			return by_name[i].kind;
	return WAIT_OTHER;
}

static enum wait_kind by_callers(struct lua_vm *vm, const struct parked_stack *s,
				 enum wait_kind found)
{
	char chunk[CHUNK_MAX];
	struct proto p;
	size_t n, asked = 0;

	for (size_t i = 0; i < s->head.frames && asked < CALLERS; i++) {
		if (s->frames[i].kind != SAMPLE_LUA)
			continue;
		asked++;
		if (!proto_read(&vm->memory, &vm->layout, s->frames[i].what, &p))
			continue;
		n = string_read(&vm->memory, &vm->layout, p.chunkname, chunk, sizeof(chunk) - 1,
				NULL);
		chunk[n] = '\0';
		for (size_t k = 0; k < sizeof(by_file) / sizeof(*by_file); k++)
			if (strstr(chunk, by_file[k].part) &&
			    (by_file[k].instead == WAIT_KINDS || by_file[k].instead == found))
				return by_file[k].kind;
	}
	return found;
}

enum wait_kind wait_kind_of(struct wait_kinds *k, struct lua_vm *vm, const struct parked_stack *s)
{
	uint64_t key = id_map_key(vm->global, s->frames[0].what);
	enum wait_kind found;
	uint32_t known;

	if (!s->head.frames)
		return WAIT_OTHER;
	for (size_t i = 1; i < s->head.frames && i < CALLERS; i++)
		key = id_map_key(key, s->frames[i].where ^ s->frames[i].print);
	if (id_map_get(&k->known, key, &known))
		return (enum wait_kind)known;
	found = by_callers(vm, s, by_function(vm, s));
	id_map_put(&k->known, key, found, NULL);
	return found;
}
