/* C's own client library (ei) at the same work as ours: one JSON object of figures on the last line.
   ei_rival etf FILE SECONDS          decode: walks every element; transcode: decodes and encodes again
   ei_rival rpc NODE COOKIE SECONDS   erlang:node() one call after another: ei waits for each answer */
#include <arpa/inet.h>
#include <ei.h>
#include <ei_connect.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static char scratch[1 << 20];

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return u.ru_utime.tv_sec + u.ru_stime.tv_sec + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Reads one term, and writes it to `out` when there is one. */
static void walk(const char *b, int *i, ei_x_buff *out) {
  int type, size, n;
  ei_get_type(b, i, &type, &size);
  switch (type) {
  case ERL_SMALL_INTEGER_EXT: case ERL_INTEGER_EXT: case ERL_SMALL_BIG_EXT: {
    long long v;
    ei_decode_longlong(b, i, &v);
    if (out) ei_x_encode_longlong(out, v);
    break;
  }
  case NEW_FLOAT_EXT: {
    double v;
    ei_decode_double(b, i, &v);
    if (out) ei_x_encode_double(out, v);
    break;
  }
  case ERL_ATOM_EXT: case ERL_SMALL_ATOM_EXT: case ERL_ATOM_UTF8_EXT: case ERL_SMALL_ATOM_UTF8_EXT:
    ei_decode_atom_as(b, i, scratch, MAXATOMLEN_UTF8, ERLANG_UTF8, NULL, NULL);
    if (out) ei_x_encode_atom_as(out, scratch, ERLANG_UTF8, ERLANG_UTF8);
    break;
  case ERL_STRING_EXT:
    ei_decode_string(b, i, scratch);
    if (out) ei_x_encode_string(out, scratch);
    break;
  case ERL_BINARY_EXT: {
    long length;
    ei_decode_binary(b, i, scratch, &length);
    if (out) ei_x_encode_binary(out, scratch, length);
    break;
  }
  case ERL_PID_EXT: case ERL_NEW_PID_EXT: {
    erlang_pid pid;
    ei_decode_pid(b, i, &pid);
    if (out) ei_x_encode_pid(out, &pid);
    break;
  }
  case ERL_SMALL_TUPLE_EXT: case ERL_LARGE_TUPLE_EXT:
    ei_decode_tuple_header(b, i, &n);
    if (out) ei_x_encode_tuple_header(out, n);
    while (n--) walk(b, i, out);
    break;
  case ERL_MAP_EXT:
    ei_decode_map_header(b, i, &n);
    if (out) ei_x_encode_map_header(out, n);
    for (n *= 2; n--;) walk(b, i, out);
    break;
  case ERL_LIST_EXT:
    ei_decode_list_header(b, i, &n);
    if (out) ei_x_encode_list_header(out, n);
    while (n--) walk(b, i, out);
    walk(b, i, out);
    break;
  case ERL_NIL_EXT:
    ei_decode_list_header(b, i, &n);
    if (out) ei_x_encode_empty_list(out);
    break;
  default:
    ei_skip_term(b, i);
  }
}

static double etf_rate(const char *b, long size, int transcode, double seconds) {
  ei_x_buff out;
  ei_x_new(&out);
  double end = now() + seconds, before = cpu();
  long count = 0;
  while (now() < end)
    for (int k = 0; k < 500; k++, count++) {
      int i = 0, version;
      ei_decode_version(b, &i, &version);
      out.index = 0;
      if (transcode) ei_x_encode_version(&out);
      walk(b, &i, transcode ? &out : NULL);
      if (i != size) exit(2);
    }
  double used = cpu() - before;
  ei_x_free(&out);
  return count / used;
}

static int etf(const char *file, double seconds) {
  static char b[1 << 20];
  FILE *handle = fopen(file, "rb");
  if (!handle) return 1;
  long size = fread(b, 1, sizeof b, handle);
  fclose(handle);
  double decode = etf_rate(b, size, 0, seconds), transcode = etf_rate(b, size, 1, seconds);
  printf("{\"decode_per_cpu_s\":%.0f,\"transcode_per_cpu_s\":%.0f}\n", decode, transcode);
  return 0;
}

static int call(ei_cnode *ec, int fd) {
  ei_x_buff args, answer;
  ei_x_new(&args);
  ei_x_new(&answer);
  ei_x_encode_empty_list(&args);
  int code = ei_rpc(ec, fd, "erlang", "node", args.buff, args.index, &answer);
  ei_x_free(&args);
  ei_x_free(&answer);
  return code;
}

static int rpc(const char *node, const char *cookie, double seconds) {
  ei_cnode ec;
  struct in_addr address = {htonl(INADDR_LOOPBACK)};
  if (ei_connect_xinit(&ec, "127.0.0.1", "wombat-ei", "wombat-ei@127.0.0.1", &address, cookie, 0) < 0) return 3;
  int fd = ei_connect(&ec, (char *)node);
  if (fd < 0) return 4;
  for (int k = 0; k < 200; k++) call(&ec, fd);
  double start = now(), before = cpu();
  long count = 0;
  for (; now() - start < seconds; count++)
    if (call(&ec, fd) < 0) return 5;
  double used = cpu() - before;
  printf("{\"us_cpu\":%.2f,\"calls_s_1\":%.0f}\n", used * 1e6 / count, count / (now() - start));
  return 0;
}

int main(int count, char **words) {
  ei_init();
  if (count == 4 && !strcmp(words[1], "etf")) return etf(words[2], atof(words[3]));
  if (count == 5 && !strcmp(words[1], "rpc")) return rpc(words[2], words[3], atof(words[4]));
  return 64;
}
