/* Preloaded into a process, it leaves the system without memory for another one, for as long as the file NO_MEMORY is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

static int is_full(void) {
  const char *file = getenv("NO_MEMORY");
  return file != NULL && access(file, F_OK) == 0;
}

pid_t fork(void) {
  if (is_full()) {
    errno = ENOMEM;
    return -1;
  }
  pid_t (*of_system)(void) = (pid_t(*)(void))dlsym(RTLD_NEXT, "fork");
  return of_system();
}
