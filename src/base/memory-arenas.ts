/**
 * How the C library hands out memory to a control plane. glibc gives each thread arenas of its own, up to eight times as many as there are
 * cores, and what is freed in one is of no use to another (mallopt(3), M_ARENA_MAX): the threads that read files, resolve names and
 * plan each keep what they once needed, and a process grows for hours. Two are enough for who computes in one thread.
 */
export const fewArenas: Readonly<Record<string, string>> = { MALLOC_ARENA_MAX: '2' };
