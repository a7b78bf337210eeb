/* SPDX-License-Identifier: MIT */
#include "naming/identities.h"

#include "luajit/catalogue.h"
#include "luajit/digest.h"

/* Of by_place: no more was seen of it than what samples say of a VM that is gone. */
#define UNSEEN_FLAG 0x80000000u
/* Of by_place: functions of different code stand there. */
#define SEVERAL_FLAG 0x40000000u
/* Of by_code: its name is not its own, and it may turn out to have one. */
#define LENT_FLAG 0x80000000u
#define FLAGS (UNSEEN_FLAG | SEVERAL_FLAG | LENT_FLAG)

struct identities identities_of(struct model *model, uint32_t most)
{
	return (struct identities){
		.model = model,
		.by_place = id_map_of(most),
		.by_code = id_map_of(most),
		.lines = id_map_of(most),
	};
}

void identities_free(struct identities *ids)
{
	id_map_free(&ids->by_place);
	id_map_free(&ids->by_code);
	id_map_free(&ids->lines);
}

static uint64_t named_key(uint64_t code, const char *name, size_t length)
{
	uint64_t hash = length;

	while (length--)
		hash = hash * 0x100000001b3ULL ^ (uint8_t)*name++;
	return id_map_key(code, hash);
}

static uint32_t new_function(struct identities *ids, const struct unnamed *u, uint32_t file,
			     const struct lua_name *name, uint32_t digest)
{
	const struct proto *p = u->proto;
	uint32_t text = model_string(ids->model, name->text, name->length);

	/* A line of the VM's own build is none of a file. */
	if (lua_is_builtin(p))
		return model_function(ids->model, text, 0, 0, 0);
	return model_code(ids->model, text, file, p->first_line, p->first_line + p->lines, digest);
}

/* A known function of the same code that has one of the names that this one has. */
static bool by_names(const struct identities *ids, const struct unnamed *u, uint64_t code,
		     const struct lua_name *name, uint32_t *function)
{
	const char *other;
	uint32_t at = 0;
	size_t length;

	if (id_map_get(&ids->by_code, named_key(code, name->text, name->length), function))
		return true;
	while ((length = catalogue_names(u->vm->catalogue, u->proto->address, &at, &other)))
		if (id_map_get(&ids->by_code, named_key(code, other, length), function))
			return true;
	return false;
}

/* A VM that is gone: it was the function that is known of that place, if it is one. */
static uint32_t unseen(struct identities *ids, const struct unnamed *u, uint32_t file,
		       uint64_t place)
{
	struct lua_name name;
	uint32_t known;

	if (id_map_get(&ids->by_place, place, &known) && !(known & SEVERAL_FLAG))
		return known & ~FLAGS;
	lua_name_of(u, &name);
	known = new_function(ids, u, file, &name, 0);
	/* Which of the several it was nobody knows, and no later one shall be this. */
	if (!id_map_get(&ids->by_place, place, &(uint32_t){0}))
		id_map_put(&ids->by_place, place, known | UNSEEN_FLAG, NULL);
	return known;
}

/* Notes the function at its place. */
static void note_place(struct identities *ids, uint64_t place, uint32_t function)
{
	uint32_t known;

	if (!id_map_get(&ids->by_place, place, &known))
		id_map_put(&ids->by_place, place, function, NULL);
	else if ((known & ~FLAGS) != function)
		id_map_put(&ids->by_place, place, known | SEVERAL_FLAG, NULL);
	else
		id_map_put(&ids->by_place, place, known & ~UNSEEN_FLAG, NULL);
}

uint32_t identities_function(struct identities *ids, const struct unnamed *u, uint32_t file,
			     bool *provisional)
{
	const struct proto *p = u->proto;
	uint64_t place = id_map_key((uint64_t)file << 32 | p->first_line,
				    (uint64_t)p->lines << 32 | p->bytecodes),
		 code;
	uint32_t digest, function = 0, known = 0;
	struct lua_name name;

	*provisional = false;
	if (!u->site)
		return unseen(ids, u, file, place);
	digest = proto_digest(&u->vm->memory, &u->vm->layout, p);
	code = id_map_key(place, digest);
	lua_name_of(u, &name);
	*provisional = name.provisional;
	if (name.provisional)
		return new_function(ids, u, file, &name, digest);
	id_map_get(&ids->by_code, code, &known);
	if (name.own && by_names(ids, u, code, &name, &function))
		return function;
	if (known && (!name.own || (known & LENT_FLAG)))
		function = known & ~FLAGS;
	else if (id_map_get(&ids->by_place, place, &function) && (function & UNSEEN_FLAG))
		function &= ~FLAGS;
	else
		function = new_function(ids, u, file, &name, digest);
	if (!function)
		return 0;
	if (!known || (name.own && (known & LENT_FLAG)))
		id_map_put(&ids->by_code, code, function | (name.own ? 0 : LENT_FLAG), NULL);
	if (name.own)
		id_map_put(&ids->by_code, named_key(code, name.text, name.length), function, NULL);
	note_place(ids, place, function);
	return function;
}
