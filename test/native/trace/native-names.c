/* SPDX-License-Identifier: MIT */
/*
 * Burns CPU time in code whose names are not plain: stubs, the vdso, what a compiler cuts in
 * pieces, a versioned symbol, and functions that are hidden. The parts that call through stubs are
 * built into a library of their own (-DLIBRARY).
 */
#include <time.h>

#ifdef LIBRARY
__asm__(".symver tiny_v1, tiny@@V1");

__attribute__((noinline)) int tiny_v1(int x)
{
	return x * 3 + 1;
}

static __attribute__((noinline)) int hidden_one(int x)
{
	for (volatile int i = 0; i < 200; i++)
		x = x * 5 + i;
	return x;
}

static __attribute__((noinline)) int hidden_two(int x)
{
	for (volatile int i = 0; i < 200; i++)
		x = x * 7 + i;
	return x;
}

int exported(int x)
{
	return hidden_one(x) + hidden_two(x);
}
#else
int tiny(int x);
int exported(int x);

__attribute__((noinline)) int whole_part(int x) __asm__("cut.part.0");
__attribute__((noinline)) int whole_copy(int x) __asm__("cut.constprop.0.isra.0");

int whole_part(int x)
{
	for (volatile int i = 0; i < 200; i++)
		x = x * 5 + i;
	return x;
}

int whole_copy(int x)
{
	for (volatile int i = 0; i < 200; i++)
		x = x * 7 + i;
	return x;
}

int main(void)
{
	struct timespec now;
	volatile int x = 1;

	for (;;) {
		for (int i = 0; i < 300; i++)
			x = tiny(x);
		for (int i = 0; i < 20; i++)
			clock_gettime(CLOCK_MONOTONIC, &now);
		x = whole_part(x) + whole_copy(x) + exported(x);
	}
}
#endif
