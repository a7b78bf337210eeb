/* SPDX-License-Identifier: MIT */
#include "nginx/request_layout.h"

#include <string.h>
#include <strings.h>

_Static_assert(REQUEST_READ >= REQUEST_OBJECT, "what the walker reads");
#define STRINGS_FROM 0x100
#define HEADERS_FROM 0x40
#define CONTEXTS 0x10
/* Modules of http that may have a context of a request. */
#define SLOTS 128
#define TEXT 128
#define METHOD_MAX 32
#define PROTOCOL_MAX 16
#define HOST_MAX 256

/* ngx_str_t */
struct text {
	uint64_t length, data;
};

/* In this order in every nginx since 0.8. */
enum { LINE, URI, ARGS, EXTEN, UNPARSED_URI, METHOD, PROTOCOL, STRINGS };

/* ngx_table_elt_t, up to what newer versions added. */
struct header {
	uint64_t hash;
	struct text key, value;
	uint64_t lowercase_key;
};

static bool is_method(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((text[i] < 'A' || text[i] > 'Z') && text[i] != '-' && text[i] != '_')
			return false;
	return length > 0;
}

static bool lengths_fit(const struct text s[STRINGS])
{
	return s[PROTOCOL].length >= 6 && s[PROTOCOL].length < PROTOCOL_MAX && s[METHOD].length &&
	       s[METHOD].length < METHOD_MAX && s[UNPARSED_URI].length && s[URI].length &&
	       s[LINE].data && s[UNPARSED_URI].length < UINT32_MAX;
}

static bool read_text(const struct request_reader *r, uint64_t address, void *out, size_t size)
{
	return r->read(r->context, address, out, size);
}

/* "GET /path", "GET" and "/path", and "HTTP/1.1": each where it belongs, and agreeing. */
static bool texts_fit(const struct request_reader *r, const struct text s[STRINGS])
{
	char protocol[PROTOCOL_MAX], method[METHOD_MAX], line[METHOD_MAX + TEXT], uri[TEXT];
	size_t n = s[METHOD].length, shown = s[UNPARSED_URI].length;

	if (shown > TEXT)
		shown = TEXT;
	return read_text(r, s[PROTOCOL].data, protocol, s[PROTOCOL].length) &&
	       !memcmp(protocol, "HTTP/", 5) && read_text(r, s[METHOD].data, method, n) &&
	       is_method(method, n) && read_text(r, s[LINE].data, line, n + 1 + shown) &&
	       read_text(r, s[UNPARSED_URI].data, uri, shown) && !memcmp(line, method, n) &&
	       line[n] == ' ' && !memcmp(line + n + 1, uri, shown);
}

static uint32_t find_line(const struct request_reader *r, const uint8_t *request)
{
	struct text strings[STRINGS];

	for (uint32_t at = STRINGS_FROM; at + sizeof(strings) <= REQUEST_READ; at += 8) {
		memcpy(strings, request + at, sizeof(strings));
		if (lengths_fit(strings) && texts_fit(r, strings))
			return at + 16 <= REQUEST_OBJECT ? at : 0;
	}
	return 0;
}

/* The value of the Host header; its offset, or 0. */
static uint32_t find_host(const struct request_reader *r, const uint8_t *request, uint32_t end,
			  struct text *value)
{
	struct header header;
	char key[4];
	uint64_t at;

	for (uint32_t offset = HEADERS_FROM; offset < end; offset += 8) {
		memcpy(&at, request + offset, 8);
		if (!at || (at & 7) || !read_text(r, at, &header, sizeof(header)) ||
		    header.key.length != sizeof(key) || !header.value.length ||
		    header.value.length >= HOST_MAX ||
		    !read_text(r, header.key.data, key, sizeof(key)) ||
		    strncasecmp(key, "host", sizeof(key)))
			continue;
		*value = header.value;
		return offset;
	}
	return 0;
}

/* The host alone, without port and in lower case, which stands behind the pointers to headers. */
static uint32_t find_server(const struct request_reader *r, const uint8_t *request, uint32_t end)
{
	char given[HOST_MAX], server[HOST_MAX];
	uint32_t at, found = 0;
	struct text host, s;

	at = find_host(r, request, end, &host);
	if (!at || !read_text(r, host.data, given, host.length))
		return 0;
	for (at += 8; at + sizeof(s) <= end; at += 8) {
		memcpy(&s, request + at, sizeof(s));
		if (!s.length || s.length > host.length ||
		    !read_text(r, s.data, server, s.length) ||
		    strncasecmp(server, given, s.length) ||
		    (s.length < host.length && given[s.length] != ':'))
			continue;
		if (found)
			return 0;
		found = at;
	}
	return found;
}

/*
 * ngx_lua's context is the one whose second word is the request. Memory behind the contexts may
 * look like it too.
 */
static uint32_t find_slot(const struct memory *m, const uint8_t *request, uint64_t address)
{
	uint64_t contexts, context[SLOTS], back;
	size_t n;

	memcpy(&contexts, request + CONTEXTS, 8);
	n = memory_read_some(m, contexts, context, sizeof(context)) / 8;
	for (size_t i = 0; i < n; i++) {
		if (context[i] && !(context[i] & 7) && memory_u64(m, context[i] + 8, &back) &&
		    back == address)
			return (uint32_t)i * 8 + 1;
	}
	return 0;
}

bool request_layout_done(const struct request_layout *l, bool names)
{
	return l->known.slot && (!names || (l->known.line && l->known.server));
}

/* The place is only a pointer's: two looks have to agree. */
static void learn_slot(struct request_layout *l, uint32_t found)
{
	if (found && found == l->seen_slot)
		l->known.slot = found;
	if (found)
		l->seen_slot = found;
}

bool request_layout_learn_names(struct request_layout *l, const struct request_reader *r,
				const uint8_t *request)
{
	if (!l->known.line)
		l->known.line = find_line(r, request);
	if (l->known.line && !l->known.server)
		l->known.server = find_server(r, request, l->known.line);
	return l->known.line && l->known.server;
}

static bool read_memory(const void *context, uint64_t address, void *out, size_t size)
{
	return memory_read(context, address, out, size);
}

bool request_layout_learn(struct request_layout *l, const struct memory *m, uint64_t address,
			  bool names)
{
	const struct request_reader reader = {read_memory, m};
	const struct sampled_request before = l->known;
	uint8_t request[REQUEST_READ];
	uint32_t signature;

	if (!memory_read(m, address, request, sizeof(request)))
		return false;
	memcpy(&signature, request, sizeof(signature));
	if (signature != REQUEST_SIGNATURE)
		return false;
	if (!l->known.slot)
		learn_slot(l, find_slot(m, request, address));
	if (names)
		request_layout_learn_names(l, &reader, request);
	return memcmp(&before, &l->known, sizeof(before)) != 0;
}
