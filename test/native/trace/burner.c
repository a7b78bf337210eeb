/* Burns CPU in a function that a stripped executable does not name. */
#include <stdint.h>

static volatile uint64_t sum;

static __attribute__((noinline)) void hidden_burn(uint64_t rounds)
{
	for (uint64_t i = 0; i < rounds; i++)
		sum += i * i;
}

int main(void)
{
	for (;;)
		hidden_burn(1 << 20);
}
