/* SPDX-License-Identifier: MIT */
#include "instruments/requests/request_parts.h"

static void add(struct request_parts *p, struct request_rows *rows, pid_t pid,
		struct request_row *row)
{
	if (!request_rows_add_part(rows, pid, row))
		p->unrowed++;
}

static void forget(struct request_parts *p, struct request_part *o)
{
	o->pid = 0;
	p->count--;
}

static void close_part(struct request_parts *p, struct request_rows *rows, struct request_part *o)
{
	add(p, rows, o->pid, &o->row);
	forget(p, o);
}

static struct request_part *find(struct request_parts *p, pid_t pid, uint64_t request)
{
	for (size_t i = 0; p->count && i < REQUEST_PARTS_OPEN; i++)
		if (p->open[i].pid == pid && p->open[i].request == request)
			return &p->open[i];
	return NULL;
}

/* More than fit have ended: the oldest most surely did. */
static struct request_part *room(struct request_parts *p, struct request_rows *rows)
{
	struct request_part *o = &p->open[p->next++ % REQUEST_PARTS_OPEN];

	if (o->pid)
		close_part(p, rows, o);
	return o;
}

void request_parts_take(struct request_parts *p, struct request_rows *rows,
			struct request_site *site, const struct request_end *e)
{
	struct request_part *open = find(p, site->pid, e->request);
	struct request_row row;

	request_rows_part(rows, site, e, &row);
	if (!request_is_answered_by_nginx(e->result)) {
		if (open)
			forget(p, open);
		add(p, rows, site->pid, &row);
		return;
	}
	if (!open) {
		open = room(p, rows);
		p->count++;
	}
	*open = (struct request_part){site->pid, e->request, e->part_of, row};
}

void request_parts_end(struct request_parts *p, struct request_rows *rows, pid_t pid,
		       uint64_t request)
{
	for (size_t i = 0; p->count && i < REQUEST_PARTS_OPEN; i++)
		if (p->open[i].pid == pid && (!request || p->open[i].part_of == request))
			close_part(p, rows, &p->open[i]);
}
