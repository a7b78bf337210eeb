/* SPDX-License-Identifier: MIT */
#include "instruments/burst_thread.h"

#define THREAD_STACK (64 * 1024)

static void *serve(void *context)
{
	struct burst_thread *t = context;

	pthread_mutex_lock(&t->lock);
	while (t->state != THREAD_LEAVING) {
		if (t->state != THREAD_WANTED) {
			pthread_cond_wait(&t->changed, &t->lock);
			continue;
		}
		pthread_mutex_unlock(&t->lock);
		t->work(t->context);
		pthread_mutex_lock(&t->lock);
		if (t->state == THREAD_WANTED)
			t->state = THREAD_DONE;
		pthread_cond_broadcast(&t->changed);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

int burst_thread_start(struct burst_thread *t, void (*work)(void *context), void *context)
{
	pthread_attr_t attributes;
	int result;

	*t = (struct burst_thread){.work = work, .context = context};
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	result = pthread_attr_init(&attributes);
	if (result)
		return -result;
	pthread_attr_setstacksize(&attributes, THREAD_STACK);
	result = pthread_create(&t->thread, &attributes, serve, t);
	pthread_attr_destroy(&attributes);
	t->started = !result;
	return -result;
}

static void change(struct burst_thread *t, enum burst_thread_state state)
{
	pthread_mutex_lock(&t->lock);
	t->state = state;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

static enum burst_thread_state state_of(struct burst_thread *t)
{
	enum burst_thread_state state;

	pthread_mutex_lock(&t->lock);
	state = t->state;
	pthread_mutex_unlock(&t->lock);
	return state;
}

void burst_thread_stop(struct burst_thread *t)
{
	if (!t->work)
		return;
	if (t->started) {
		change(t, THREAD_LEAVING);
		pthread_join(t->thread, NULL);
	}
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
	t->work = NULL;
}

void burst_thread_begin(struct burst_thread *t)
{
	change(t, THREAD_WANTED);
}

bool burst_thread_busy(struct burst_thread *t)
{
	return state_of(t) != THREAD_IDLE;
}

bool burst_thread_over(struct burst_thread *t)
{
	return state_of(t) == THREAD_DONE;
}

void burst_thread_wait(struct burst_thread *t)
{
	pthread_mutex_lock(&t->lock);
	while (t->state == THREAD_WANTED)
		pthread_cond_wait(&t->changed, &t->lock);
	pthread_mutex_unlock(&t->lock);
}

void burst_thread_take(struct burst_thread *t)
{
	change(t, THREAD_IDLE);
}
