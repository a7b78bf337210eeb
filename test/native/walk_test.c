/* SPDX-License-Identifier: MIT */
/* The walk that the BPF program makes, over memory of our own. */
#include "check.h"

#include <linux/types.h>
#include <stdint.h>

#define ARENA 0x10000ull
#define ARENA_WORDS 8192

static __u64 arena[ARENA_WORDS];
static unsigned long reads;

static int read_arena(void *out, size_t size, __u64 address)
{
	reads++;
	if (address < ARENA || address > ARENA + sizeof(arena) - size)
		return -1;
	memcpy(out, (char *)arena + (address - ARENA), size);
	return 0;
}

#define WALK_READ(dst, size, address) read_arena(dst, size, address)
#include "walk/walk.h"

static __u64 random_state = 88172645463325252ull;

static __u64 next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	return random_state ^= random_state << 17;
}

static void put(__u64 address, __u64 value)
{
	memcpy((char *)arena + (address - ARENA), &value, 8);
}

/* ---- a small VM, of one kind of build or the other
 * ---------------------------------------------------------------------------------- */

static int gc32;

#define THREAD (ARENA + 0x8000)
#define STACK (ARENA + 0x4000)
#define FUNCTIONS (ARENA + 0x1000)
#define FRAME_HEAD LUA_FRAME_HEAD(gc32)
/* Where the base of a stack's first function is, counted from the stack. */
#define ROOT (2 * (__u64)FRAME_HEAD)
#define TYPED(type, pointer) ((__u64)(__s64) ~(type) << 47 | (pointer))

static void put32(__u64 address, __u32 value)
{
	memcpy((char *)arena + (address - ARENA), &value, 4);
}

static void put_reference(__u64 address, __u64 value)
{
	if (gc32)
		put32(address, (__u32)value);
	else
		put(address, value);
}

/* The i-th function: Lua with a prototype and 16 instructions, all of them calls from slot `a`. */
static __u64 lua_function(int i, __u32 a)
{
	__u64 function = FUNCTIONS + i * 0x100, proto = function + 0x40;
	__u64 lines = proto + LUA_PROTO_CHUNKNAME(gc32) + (gc32 ? 4 : 8);

	put(function + (gc32 ? 4 : 8), (__u64)WALK_FUNCTION << 8);
	put_reference(function + LUA_FUNCTION_PC(gc32), proto + LUA_PROTO_SIZE(gc32));
	put_reference(proto + LUA_PROTO_CHUNKNAME(gc32), 0x1234000);
	put32(proto + LUA_PROTO_BYTECODES(gc32), 17);
	put32(lines, 100 + i);
	put32(lines + 4, 10);
	for (int k = 0; k < 16; k++)
		put32(proto + LUA_PROTO_SIZE(gc32) + k * 4, a << 8);
	return function;
}

static __u64 pc_of(__u64 function, int instruction)
{
	return function + 0x40 + LUA_PROTO_SIZE(gc32) + instruction * 4;
}

static __u64 c_function(int i)
{
	__u64 function = FUNCTIONS + i * 0x100;

	put(function + (gc32 ? 4 : 8), (__u64)WALK_FUNCTION << 8 | (__u64)19 << 16);
	put(function + (gc32 ? 0x18 : 0x28), 0xc0de);
	return function;
}

static void frame(__u64 base, __u64 function, __u64 link)
{
	if (gc32) {
		put(base - 8, link << 32 | function);
		return;
	}
	put(base - 16, TYPED(8, function));
	put(base - 8, link);
}

static void continuation(__u64 base, __u64 function, __u64 pc)
{
	if (gc32) {
		put(base - 16, pc << 32 | function);
		return;
	}
	put(base - 24, pc);
	put(base - 32, function);
}

static struct lua_head head(void)
{
	struct lua_head h = {.gct = WALK_THREAD, .stack = STACK, .size = 1000};

	put(STACK, gc32 ? 0xfffffff9ULL << 32 | THREAD : TYPED(6, THREAD));
	if (!gc32)
		put(STACK + 8, LUA_NIL);
	return h;
}

static struct walk begin(const struct lua_head *h, __u64 base, __u64 pc)
{
	struct walk w = {.gc32 = gc32};

	walk_begin(&w, THREAD, h, base, pc, 0);
	return w;
}

static int walk_all(struct walk *w, struct sample_frame *out, int capacity)
{
	static struct walk_cache cache;
	int n = 0, steps = 0;

	cache.window_start = 0;
	cache.now++;
	while (w->state == WALK_GOES_ON && n < capacity && steps++ < 1000)
		n += walk_step(w, &cache, &out[n]);
	return n;
}

static void walks_all_kinds_of_frames(void)
{
	__u64 root = lua_function(0, 3), middle = lua_function(1, 5), leaf = lua_function(2, 0);
	__u64 pcall = c_function(3), b1 = STACK + ROOT, b2 = b1 + 24 + FRAME_HEAD, b3 = b2 + 56,
	      b4 = b3 + 24;
	__u64 b5 = b4 + 48;
	struct lua_head h = head();
	struct sample_frame f[16];
	struct walk w;

	/* root calls pcall, that calls middle with varargs, which calls leaf by a metamethod. */
	frame(b1, root, (b1 - STACK - 8) | 1);
	frame(b2, pcall, pc_of(root, 4));
	frame(b3, middle, (b3 - b2) | 6);
	frame(b4, middle, (b4 - b3) | 3);
	continuation(b5, 0x7fff0000, pc_of(middle, 7));
	frame(b5, leaf, (b5 - b4) | 2);
	w = begin(&h, b5, pc_of(leaf, 2));
	CHECK(walk_all(&w, f, 16) == 4 && w.state == WALK_BOTTOM);
	CHECK(f[0].kind == SAMPLE_LUA && f[0].what == leaf + 0x40 && f[0].where == pc_of(leaf, 2));
	CHECK(f[0].print == sample_print(0x1234000, 102, 10));
	CHECK(f[1].what == middle + 0x40 && f[1].where == pc_of(middle, 7));
	CHECK(f[2].kind == SAMPLE_C && f[2].print == 19 && f[2].where == 0xc0de);
	CHECK(f[3].what == root + 0x40 && f[3].where == pc_of(root, 4));
}

#define CHAIN 12

/* Functions that call each other from their instruction `at`; the base of the last. */
static __u64 chain(int at, __u64 functions[CHAIN])
{
	__u64 base = STACK + ROOT;

	functions[0] = lua_function(0, 3);
	frame(base, functions[0], (base - STACK - 8) | 1);
	for (int i = 1; i < CHAIN; i++) {
		base += 24 + FRAME_HEAD;
		functions[i] = lua_function(i, 3);
		frame(base, functions[i], pc_of(functions[i - 1], at));
	}
	return base;
}

static void follows_what_it_met_before_by_links_alone(void)
{
	__u64 functions[CHAIN], base = chain(4, functions);
	static struct walk_cache cache;
	struct lua_head h = head();
	struct sample_frame f;
	unsigned long before;
	struct walk w;
	__u32 n;

	cache.now++;
	cache.window_start = 0;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	/* Nothing is known yet: each frame takes a step. */
	for (n = 0; w.state == WALK_GOES_ON; n++) {
		CHECK(walk_follow(&w, &cache) == 0);
		CHECK(walk_step(&w, &cache, &f) == 1 || w.state == WALK_BOTTOM);
	}
	before = reads;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	/* The root's link is none of Lua. */
	CHECK(walk_follow(&w, &cache) == (gc32 ? 0 : CHAIN - 1));
	CHECK(reads == before);
	if (!gc32)
		CHECK(walk_step(&w, &cache, &f) == 1 && f.what == functions[0] + 0x40);
}

static struct walk_paths paths;

/* As the walker does: known frames first, then one step, and so on. */
static int walk_as_sampled(struct walk *w, struct walk_cache *cache, struct sample_frame *out)
{
	int n = 0;

	memset(out, 0, (CHAIN + 1) * sizeof(*out));
	cache->window_start = 0;
	walk_begin_path(&paths, cache->now);
	for (int steps = 0; w->state == WALK_GOES_ON && steps < 100; steps++) {
		n += (int)walk_known_frames(w, cache, &paths, out + n, CHAIN - n);
		n += walk_step(w, cache, &out[n]);
	}
	return n;
}

static void asks_nothing_of_functions_where_they_were_before(void)
{
	__u64 functions[CHAIN], base = chain(4, functions), other;
	static struct walk_cache cache;
	struct sample_frame first[CHAIN + 1], again[CHAIN + 1];
	struct lua_head h = head();
	unsigned long before;
	struct walk w;

	cache.now++;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	CHECK(walk_as_sampled(&w, &cache, first) == CHAIN && w.state == WALK_BOTTOM);
	for (int i = 0; i < CHAIN; i++)
		CHECK(first[i].what == functions[CHAIN - 1 - i] + 0x40);
	before = reads;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	CHECK(walk_as_sampled(&w, &cache, again) == CHAIN && w.state == WALK_BOTTOM);
	CHECK(!memcmp(first, again, sizeof(first)));
	/* Two pieces of the stack at most. */
	CHECK(reads - before <= 2);

	/* Another closure in a function's place, and another function at the same positions. */
	other = lua_function(CHAIN, 3);
	frame(base - 24 - FRAME_HEAD, other, pc_of(functions[CHAIN - 3], 4));
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	CHECK(walk_as_sampled(&w, &cache, again) == CHAIN);
	CHECK(again[1].what == other + 0x40 && again[1].print == sample_print(0x1234000, 112, 10));
	CHECK(!memcmp(&first[2], &again[2], (CHAIN - 2) * sizeof(first[0])));

	/* Later, or in another process, all is asked again. */
	chain(4, functions);
	cache.now++;
	before = reads;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	CHECK(walk_as_sampled(&w, &cache, again) == CHAIN);
	CHECK(!memcmp(first, again, sizeof(first)) && reads - before > 2 * CHAIN);
}

/* Without what is known of positions: from the path of the sample before alone. */
static void meets_the_frames_of_the_sample_before(void)
{
	__u64 functions[CHAIN], base = chain(4, functions);
	static struct walk_cache cache;
	struct sample_frame first[CHAIN + 1], again[CHAIN + 1];
	struct lua_head h = head();
	unsigned long before;
	struct walk w;

	if (gc32)
		return;
	for (int round = 0; round < 2; round++) {
		cache.now = 1;
		w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
		CHECK(walk_as_sampled(&w, &cache, first) == CHAIN);
	}
	/* Its innermost functions have returned; what the last of them does is asked. */
	memset(cache.positions, 0, sizeof(cache.positions));
	memset(cache.protos, 0, sizeof(cache.protos));
	before = reads;
	w = begin(&h, base - 3 * (24 + FRAME_HEAD), pc_of(functions[CHAIN - 4], 6));
	CHECK(walk_as_sampled(&w, &cache, again) == CHAIN - 3 && w.state == WALK_BOTTOM);
	CHECK(again[0].where == pc_of(functions[CHAIN - 4], 6));
	CHECK(!memcmp(&first[4], &again[1], (CHAIN - 4) * sizeof(first[0])));
	CHECK(reads - before <= 8);
	/* At another moment they are not believed. */
	cache.now = 2;
	before = reads;
	w = begin(&h, base, pc_of(functions[CHAIN - 1], 2));
	CHECK(walk_as_sampled(&w, &cache, again) == CHAIN);
	CHECK(!memcmp(first, again, sizeof(first)) && reads - before > 2 * CHAIN);
}

static void believes_a_link_before_it_is_written(void)
{
	__u64 root = lua_function(0, 3), leaf = lua_function(1, 0), b1 = STACK + ROOT;
	__u64 b2 = b1 + 24 + FRAME_HEAD, b3 = b2 + 24;
	struct lua_head h = head();
	struct sample_frame f[16];
	struct walk w;

	/* root calls C, which calls leaf; where leaf's link comes to stand is still an old number,
	 * or leaf's type. */
	frame(b1, root, (b1 - STACK - 8) | 1);
	frame(b2, c_function(3), pc_of(root, 4));
	frame(b3, leaf, gc32 ? 0xfffffff7 : 0x4059000000000000);
	w = begin(&h, b3, 0);
	w.link = (b3 - b2) | 1;
	CHECK(walk_all(&w, f, 16) == 3 && w.state == WALK_BOTTOM);
	CHECK(f[0].what == leaf + 0x40 && f[1].kind == SAMPLE_C);
	CHECK(f[2].what == root + 0x40 && f[2].where == pc_of(root, 4));
	w = begin(&h, b3, 0);
	CHECK(walk_all(&w, f, 16) == 1 && w.state == WALK_BROKEN);
}

static void follows_a_stack_that_is_being_moved(void)
{
	__u64 root = lua_function(0, 3), leaf = lua_function(1, 0), old = ARENA + 0xa000;
	struct lua_head h = head();
	struct sample_frame f[16];
	struct walk w;

	frame(STACK + ROOT, root, (ROOT - 8) | 1);
	/* The old memory, whose first words are gone since it was freed. */
	frame(old + ROOT, 0, 0);
	frame(old + ROOT + 24 + FRAME_HEAD, leaf, pc_of(root, 3));
	w = begin(&h, old + ROOT + 24 + FRAME_HEAD, pc_of(leaf, 1));
	CHECK(walk_all(&w, f, 16) == 2 && w.state == WALK_BOTTOM);
	CHECK(f[0].what == leaf + 0x40 && f[1].what == root + 0x40);
	CHECK(f[1].where == pc_of(root, 3));
}

static void stops_at_what_makes_no_sense(void)
{
	__u64 root = lua_function(0, 3);
	struct lua_head h = head();
	struct sample_frame f[16];
	struct walk w;

	frame(STACK + 80, root, (1ull << 30) | 3);
	w = begin(&h, STACK + 80, 0);
	CHECK(walk_all(&w, f, 16) == 1 && w.state == WALK_BROKEN);
	/* A call instruction that cannot be read. */
	frame(STACK + 80, root, 0xdead0000);
	w = begin(&h, STACK + 80, 0);
	CHECK(walk_all(&w, f, 16) == 1 && w.state == WALK_BROKEN);
	w = begin(&h, STACK + 84, 0);
	CHECK(walk_all(&w, f, 16) == 0 && w.state == WALK_BROKEN);
}

/* Words that look like what the walk expects, in any order: it ends, and within its bounds. */
static void survives_hostile_memory(void)
{
	struct sampled_vm vm = {.code_start = ARENA, .code_end = ARENA + 0x800, .exdata2 = 0x68};
	struct walk_cache cache = {0};
	struct sample_frame f, known[4];
	struct walk w = {.gc32 = gc32};
	struct lua_head h;

	for (int round = 0; round < 20000; round++) {
		for (int i = 0; i < 64; i++) {
			__u64 where = next_random() % ARENA_WORDS, word = next_random();
			__u64 inside = ARENA + word % sizeof(arena);

			arena[where] = word % 5 == 0   ? TYPED(8, inside & ~7ull)
				       : word % 5 == 1 ? (word >> 20) % 512 << 3 | (word & 7)
				       : word % 5 == 2 ? inside & ~3ull
				       : word % 5 == 3 ? (__u64)(word >> 40) % 16 << 8
						       : word;
			/* Without GC64: both halves of a slot. */
			if (gc32 && word % 2)
				arena[where] = (inside & ~7ull) |
					       (word % 3 ? ((word >> 20) % 512 << 3 | (word & 7))
							 : ((word >> 9) & 0x1fffc))
						       << 32;
		}
		memset(&h, 0, sizeof(h));
		h.stack = ARENA + next_random() % sizeof(arena);
		h.size = next_random();
		h.exdata2 = ARENA + next_random() % sizeof(arena);
		walk_begin(&w, THREAD, &h, ARENA + (next_random() % sizeof(arena) & ~7ull), 0,
			   ARENA + next_random() % sizeof(arena));
		w.joins = 0;
		reads = 0;
		cache.now = round / 4;
		cache.window_start = 0;
		walk_begin_path(&paths, cache.now);
		for (int steps = 0; steps < 128; steps++) {
			if (w.state == WALK_GOES_ON) {
				CHECK(walk_known_frames(&w, &cache, &paths, known, 4) <= 4);
				walk_step(&w, &cache, &f);
			} else if (w.state != WALK_BOTTOM || !walk_join(&w, &f, &h, &vm))
				break;
		}
		CHECK(reads < 128 * 24);
	}
}

int main(void)
{
	for (gc32 = 0; gc32 < 2; gc32++) {
		printf("%s\n", gc32 ? "references of 32 bits" : "references of 64 bits");
		RUN(walks_all_kinds_of_frames());
		RUN(believes_a_link_before_it_is_written());
		RUN(follows_what_it_met_before_by_links_alone());
		RUN(asks_nothing_of_functions_where_they_were_before());
		RUN(meets_the_frames_of_the_sample_before());
		RUN(follows_a_stack_that_is_being_moved());
		RUN(stops_at_what_makes_no_sense());
		RUN(survives_hostile_memory());
	}
	return CHECKS_RESULT;
}
