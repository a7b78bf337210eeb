/* SPDX-License-Identifier: MIT */
#include "instruments/errors/error_rows.h"

#include <string.h>

enum caught { CAUGHT_UNKNOWN, CAUGHT_NO, CAUGHT_YES };
enum { KEYS_OF_LINES = 2 * ERROR_LINES };
/* Of responses: not known. nginx's NGX_ERROR ends a request without one. */
enum { STATUS_UNKNOWN = 0, STATUS_ERROR = 500, STATUS_LEAST = 200, STATUS_SPECIAL = 300 };
static const uint32_t closed = (uint32_t)-1;

static const struct series thrown = {
	.name = "exceptions",
	.instrument = "errors",
	.unit = "count",
	.shape = SERIES_STACKS,
};

#define LINE_KEYS                                                                                  \
	{"file", false}, {"line", true}, {"from_file", false}, {"from_line", true},                \
		{"origin_file", false},                                                            \
	{                                                                                          \
		"origin_line", true                                                                \
	}

static const struct series exceptions = {
	.name = "errors.exceptions",
	.instrument = "errors",
	.unit = "count",
	.shape = SERIES_TABLES,
	.key_count = 2 + KEYS_OF_LINES,
	.keys = {{"message", false}, {"caught", true}, LINE_KEYS},
};

static const struct series responses = {
	.name = "errors.responses",
	.instrument = "errors",
	.unit = "count",
	.shape = SERIES_TABLES,
	.key_count = 1 + KEYS_OF_LINES,
	.keys = {{"status", true}, LINE_KEYS},
};

static const struct series logged = {
	.name = "errors.log",
	.instrument = "errors",
	.unit = "count",
	.shape = SERIES_TABLES,
	.key_count = 2 + KEYS_OF_LINES,
	.keys = {{"level", false}, {"text", false}, LINE_KEYS},
};

void error_rows_init(struct error_rows *r, struct model *m)
{
	*r = (struct error_rows){.model = m};
	error_texts_init(&r->texts, m);
}

void error_rows_free(struct error_rows *r)
{
	error_texts_free(&r->texts);
}

static void add(struct error_rows *r, const struct series *series, enum error_kind kind,
		uint32_t pid, const uint32_t *first, size_t count, const struct error_stack *stack)
{
	uint32_t keys[SERIES_KEYS_MAX];

	memcpy(keys, first, count * sizeof(*keys));
	memcpy(keys + count, stack->lines, sizeof(stack->lines));
	if (model_add_table(r->model, series, (pid_t)pid, keys, 1, 1))
		r->counts[kind]++;
	else
		r->lost++;
}

static uint32_t text_of(struct error_rows *r, const struct error_event *e)
{
	size_t length = e->length <= ERROR_TEXT ? e->length : ERROR_TEXT;

	if (!length)
		return 0;
	return error_text(&r->texts, e->text, length - 1, length == ERROR_TEXT);
}

static uint32_t message_of(struct error_rows *r, const struct error_event *e)
{
	if (e->code == ERROR_STRING && e->length)
		return text_of(r, e);
	return error_type_text(&r->texts, e->code == ERROR_STRING ? ERROR_UNREAD : e->code);
}

void error_rows_settle(struct error_rows *r, struct last_thrown *last, bool all)
{
	enum caught caught = last->stack.protected ? CAUGHT_YES : CAUGHT_UNKNOWN;
	uint32_t keys[2];

	if (!last->is_there || (!all && !last->age++))
		return;
	last->is_there = false;
	if (last->uncaught)
		caught = CAUGHT_NO;
	keys[0] = message_of(r, &last->event);
	keys[1] = caught;
	add(r, &exceptions, ERROR_THROWN, last->event.pid, keys, 2, &last->stack);
	if (last->stack.place.stack && !model_add(r->model, &thrown, &last->stack.place, 1, 1))
		r->lost++;
}

static bool begins(const struct error_event *e, const char *with)
{
	size_t length = strlen(with);

	return e->length > length && !memcmp(e->text, with, length);
}

/* Does nginx say that it caught this itself? The text that it logs is the message's own. */
static bool ends_in(const struct error_event *log, const struct last_thrown *last)
{
	const struct error_event *event = &last->event;
	bool is_thread =
		begins(log, "lua entry thread aborted") || begins(log, "lua user thread aborted");

	if (!is_thread && !begins(log, "failed to run "))
		return false;
	/* Of what is no string nginx logs no more than that. */
	if (!event->subject)
		return event->code != ERROR_UNREAD && !last->stack.protected;
	return log->arguments[0] == event->subject || log->arguments[1] == event->subject;
}

static bool is_one_of(struct error_rows *r, uint32_t phase, const char *const *names)
{
	for (; *names; names++)
		if (phase == model_string(r->model, *names, strlen(*names)))
			return true;
	return false;
}

/* An error that ends the thread of a request ends the request, unless it was answered before. */
static void add_failed(struct error_rows *r, const struct error_event *log,
		       const struct last_thrown *last)
{
	static const char *const phases[] = {"content", "access", "rewrite", "server_rewrite",
					     NULL};
	uint32_t status = last->event.answered ? STATUS_UNKNOWN : STATUS_ERROR;

	if (begins(log, "lua entry thread aborted") && last->stack.has_request &&
	    is_one_of(r, last->stack.phase, phases))
		add(r, &responses, ERROR_EXIT, log->pid, &status, 1, &last->stack);
}

static void add_logged(struct error_rows *r, struct last_thrown *last,
		       const struct error_event *event, const struct error_stack *stack)
{
	bool ended = last->is_there && ends_in(event, last);
	uint32_t keys[2] = {error_level_text(&r->texts, event->code), 0};

	if (ended) {
		last->uncaught = true;
		stack = &last->stack;
		add_failed(r, event, last);
	}
	if (ended || !stack->lines[0])
		keys[1] = text_of(r, event);
	add(r, &logged, ERROR_LOGGED, event->pid, keys, 2, stack);
}

/* Below 200 is what ends a handler and not the request. */
static void add_exit(struct error_rows *r, const struct error_event *event,
		     const struct error_stack *stack)
{
	static const char *const others[] = {"timer", "init_worker", "exit_worker", "log", NULL};
	uint32_t status = event->code;

	if ((status < STATUS_LEAST || (int32_t)status < 0) && status != closed)
		return;
	if (is_one_of(r, stack->phase, others))
		return;
	/* ngx.exit() with such a status sends what the request was set to before. */
	if (status < STATUS_SPECIAL && event->answered && event->answered != ERROR_ANSWER_UNKNOWN)
		status = event->answered;
	add(r, &responses, ERROR_EXIT, event->pid, &status, 1, stack);
}

void error_rows_add(struct error_rows *r, struct last_thrown *last, const struct error_event *event,
		    const struct error_stack *stack)
{
	switch (event->kind) {
	case ERROR_THROWN:
		error_rows_settle(r, last, true);
		*last = (struct last_thrown){.is_there = true, .event = *event, .stack = *stack};
		return;
	case ERROR_EXIT:
		add_exit(r, event, stack);
		return;
	case ERROR_LOGGED:
		add_logged(r, last, event, stack);
		return;
	default:
		r->lost++;
	}
}
