/*
 * Preloaded into a redis-server: its TIME is as many milliseconds ahead as a file says, so that a test can step it. Only for
 * the thread that answers: another waits for moments of the real clock, and would never sleep with one that is behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile long long *ahead_ms;
static __thread int answers = -1;

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
  (void)zone;
  struct timespec now;
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  if (ahead_ms == NULL) {
    int file = open(getenv("STEPPING_CLOCK"), O_RDONLY);
    ahead_ms = mmap(NULL, sizeof *ahead_ms, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (ahead_ms == MAP_FAILED) abort();
  }
  if (answers < 0) answers = syscall(SYS_gettid) == getpid();
  long long us = now.tv_sec * 1000000LL + now.tv_nsec / 1000 + (answers ? *ahead_ms * 1000 : 0);
  tv->tv_sec = us / 1000000;
  tv->tv_usec = us % 1000000;
  return 0;
}
