/* SPDX-License-Identifier: MIT */
#include "engine.h"

static Napi::Object init(Napi::Env env, Napi::Object exports)
{
	exports.Set("Engine", Engine::define(env));
	return exports;
}

NODE_API_MODULE(acupoint, init)
