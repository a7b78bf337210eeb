/* SPDX-License-Identifier: MIT */
#include "naming/request_names.h"

#include <string.h>
#include <sys/random.h>

#include "model/dictionary.h"
#include "model/utf8.h"

/* Powers of two, of which half is used: an id_map forgets all when it would be full. */
#define METHODS_MAX 64
#define HOSTS_MAX 512
#define URIS_MAX 2048
#define PEERS_MAX 512
#define REQUESTS_MAX 8192

static const char other_text[] = "(other)";
static const char cut_mark[] = "...";
#define MARK (sizeof(cut_mark) - 1)
#define METHOD_MAX 16
#define URI_MAX 127

struct request_names request_names_of(struct model *m)
{
	struct request_names n = {.model = m,
				  .methods = id_map_of(METHODS_MAX),
				  .hosts = id_map_of(HOSTS_MAX),
				  .uris = id_map_of(URIS_MAX),
				  .peers = id_map_of(PEERS_MAX),
				  .requests = id_map_of(REQUESTS_MAX)};

	/* Without randomness who sends requests could make two look alike: no reason to stop. */
	if (getrandom(&n.seed, sizeof(n.seed), GRND_NONBLOCK) < 0)
		n.seed = (uintptr_t)m;
	return n;
}

void request_names_free(struct request_names *n)
{
	id_map_free(&n->methods);
	id_map_free(&n->hosts);
	id_map_free(&n->uris);
	id_map_free(&n->peers);
	id_map_free(&n->requests);
}

uint32_t request_names_other(struct request_names *n)
{
	return model_string(n->model, other_text, sizeof(other_text) - 1);
}

static uint32_t other(struct request_names *n, bool *is_other)
{
	*is_other = true;
	return request_names_other(n);
}

static uint32_t text_id(struct request_names *n, struct id_map *known, const char *text,
			size_t length, bool *is_other)
{
	uint64_t key = hash_bytes(text, length, n->seed) | 1;
	uint32_t id;

	if (!length)
		return 0;
	if (id_map_get(known, key, &id))
		return id;
	if (known->count >= known->bound / 2)
		return other(n, is_other);
	id = model_string(n->model, text, length);
	id_map_put(known, key, id, NULL);
	return id;
}

/* A longer text is cut and ends in a mark; `whole`: it ends with `length`. */
static uint32_t cut_id(struct request_names *n, struct id_map *known, const char *copied,
		       size_t length, bool whole, size_t most, bool *is_other)
{
	char text[URI_MAX];
	size_t kept;

	if (whole && length <= most)
		return text_id(n, known, copied, length, is_other);
	if (length > most - MARK)
		length = most - MARK;
	kept = utf8_cut(copied, length, length);
	memcpy(text, copied, kept);
	memcpy(text + kept, cut_mark, MARK);
	return text_id(n, known, text, kept + MARK, is_other);
}

/* Where the path begins: behind "http://host" if the client named that. */
static const char *skip_authority(const char *uri, const char *end)
{
	const char *at = memmem(uri, (size_t)(end - uri), "://", 3);

	if (*uri == '/' || !at)
		return uri;
	at = memchr(at + 3, '/', (size_t)(end - at - 3));
	return at ? at : uri;
}

static uint32_t uri_id(struct request_names *n, const char *at, const char *end, bool whole,
		       bool *is_other)
{
	const char *query;

	at = skip_authority(at, end);
	query = memchr(at, '?', (size_t)(end - at));
	if (query) {
		end = query;
		whole = true;
	}
	return cut_id(n, &n->uris, at, (size_t)(end - at), whole, URI_MAX, is_other);
}

/* How much of what is at `at` in the text is there. */
static size_t text_length(const struct sample_request *r, size_t at, size_t length, size_t most)
{
	size_t room = r->text_size <= sizeof(r->text) && at < r->text_size ? r->text_size - at : 0;

	length = length < most ? length : most;
	return length < room ? length : room;
}

uint32_t request_names_get(struct request_names *n, const struct sample_request *r, bool *is_other)
{
	size_t length = text_length(r, 0, r->line_length, REQUEST_LINE);
	size_t host_length = text_length(r, r->host_at, r->host_length, REQUEST_HOST);
	const char *end = r->text + length, *method_end, *uri_end;
	uint32_t method, host, uri, id;
	uint64_t key;

	*is_other = false;
	method_end = memchr(r->text, ' ', length);
	if (!method_end || method_end + 1 == end)
		return 0;
	uri_end = memchr(method_end + 1, ' ', (size_t)(end - method_end - 1));
	method = cut_id(n, &n->methods, r->text, (size_t)(method_end - r->text), true, METHOD_MAX,
			is_other);
	host = host_length ? cut_id(n, &n->hosts, r->text + r->host_at, host_length,
				    r->host_length <= REQUEST_HOST, REQUEST_HOST, is_other)
			   : 0;
	uri = uri_id(n, method_end + 1, uri_end ? uri_end : end,
		     uri_end || r->line_length <= REQUEST_LINE, is_other);
	key = id_map_key((uint64_t)method << 32 | host, uri);
	if (id_map_get(&n->requests, key, &id))
		return id;
	if (n->requests.count >= n->requests.bound / 2) {
		uri = host = method = other(n, is_other);
		return model_request(n->model, method, host, uri);
	}
	id = model_request(n->model, method, host, uri);
	id_map_put(&n->requests, key, id, NULL);
	return id;
}

uint32_t request_names_uri(struct request_names *n, const char *text, size_t length, bool whole)
{
	bool is_other;

	return length ? uri_id(n, text, text + length, whole, &is_other) : 0;
}

uint32_t request_names_host(struct request_names *n, const char *text, size_t length, bool whole)
{
	bool is_other;

	return length ? cut_id(n, &n->hosts, text, length, whole, REQUEST_HOST, &is_other) : 0;
}

uint32_t request_names_peer(struct request_names *n, const char *text, size_t length, bool whole)
{
	bool is_other;

	return length ? cut_id(n, &n->peers, text, length, whole, REQUEST_HOST, &is_other) : 0;
}
