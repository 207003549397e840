/* Another disk or another clock for one process, by LD_PRELOAD. What is asked for is in the environment:
   SHIM_NO_FSYNC=files|folders|files,folders  fsync of these does nothing and says it is done;
   SHIM_NO_FLOCK                              locks do not exist (ENOLCK);
   SHIM_CLOCK=jumps|1970                      the time of day leaps a day back and forth, or is that of 1970. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static int left_out(int fd) {
    const char *what = getenv("SHIM_NO_FSYNC");
    struct stat file;
    if (!what || fstat(fd, &file) != 0)
        return 0;
    return strstr(what, S_ISDIR(file.st_mode) ? "folders" : "files") != NULL;
}

int fsync(int fd) { return left_out(fd) ? 0 : (int)syscall(SYS_fsync, fd); }

int fdatasync(int fd) { return left_out(fd) ? 0 : (int)syscall(SYS_fdatasync, fd); }

int flock(int fd, int operation) {
    if (getenv("SHIM_NO_FLOCK")) {
        errno = ENOLCK;
        return -1;
    }
    return (int)syscall(SYS_flock, fd, operation);
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    static unsigned calls;
    const char *what = getenv("SHIM_CLOCK");
    int done = (int)syscall(SYS_clock_gettime, clock, now);
    if (done == 0 && clock == CLOCK_REALTIME && what) {
        if (strcmp(what, "jumps") == 0)
            now->tv_sec += __atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED) % 2 ? 86400 : -86400;
        else
            now->tv_sec %= 86400;
    }
    return done;
}
