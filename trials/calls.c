/* Loaded before the C library: writes down every call that changes a file in the folder $TRIAL_FOLDER, after it
 * succeeded, in the order in which it happened, to the file $TRIAL_LOG.
 *
 * One entry: the kind, the length of the name, the offset or size, the length of the data (32-bit), name, data.
 * Kinds: c a file was created, w written at an offset, t cut to a size, s synced (a folder: its names),
 * u removed, l linked from the name to the name in the data, r renamed likewise.
 *
 * `trial_fail(n, many, error)` lets the n-th write, cut or sync from now on fail, and as many in all, as on a full (28)
 * or broken (5) disk; it returns how many there were since it was called last. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define REAL(function) \
    static __typeof__(&function) real; \
    if (!real) real = (__typeof__(real))dlsym(RTLD_NEXT, #function)

static const char *folder, *file;
static int log_ = -1;
static long calls, fail_at, fails, error_;

long trial_fail(long at, long many, long error) {
    long before = calls;
    calls = 0; fail_at = at; fails = many; error_ = error;
    return before;
}

__attribute__((constructor)) static void begin(void) {
    folder = getenv("TRIAL_FOLDER");
    file = getenv("TRIAL_LOG");
}

/* Return what the path is named within the folder ("." for itself), NULL when it lies elsewhere or is the log. */
static const char *within(const char *path) {
    size_t length;
    if (!folder || !path || (file && !strcmp(path, file))) return NULL;
    length = strlen(folder);
    if (strncmp(path, folder, length)) return NULL;
    if (!path[length]) return ".";
    return path[length] == '/' ? path + length + 1 : NULL;
}

static const char *named(int fd, char *path) {
    char link[64];
    ssize_t length;
    if (!folder) return NULL;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return NULL;
    path[length] = 0;
    if (length > 10 && !strcmp(path + length - 10, " (deleted)")) return NULL;
    return within(path);
}

static void note(char kind, const char *name, uint64_t offset, const void *data, uint32_t length) {
    struct __attribute__((packed)) { char kind; uint16_t name; uint64_t offset; uint32_t data; } head;
    struct iovec parts[3];
    int kept = errno;
    if (!file) return;
    if (log_ < 0) {
        REAL(open);
        log_ = real(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    }
    head.kind = kind; head.name = strlen(name); head.offset = offset; head.data = length;
    parts[0].iov_base = &head; parts[0].iov_len = sizeof head;
    parts[1].iov_base = (void *)name; parts[1].iov_len = head.name;
    parts[2].iov_base = (void *)data; parts[2].iov_len = length;
    if (writev(log_, parts, 3) != (ssize_t)(sizeof head + head.name + length)) abort();
    errno = kept;
}

static int broken(const char *name) {
    size_t length = name ? strlen(name) : 0;
    if (!name || (length > 4 && !strcmp(name + length - 4, "-shm"))) return 0;
    calls++;
    if (!fail_at || calls < fail_at || calls >= fail_at + fails) return 0;
    errno = error_;
    return 1;
}

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, symbol);
    const char *name = within(path);
    struct stat there;
    int fresh = name && (flags & O_CREAT) && lstat(path, &there) < 0;
    int fd = real(path, flags, mode);
    if (fd >= 0 && fresh) note('c', name, 0, "", 0);
    else if (fd >= 0 && name && (flags & O_TRUNC)) note('t', name, 0, "", 0);
    return fd;
}

#define OPEN(function) \
    int function(const char *path, int flags, ...) { \
        mode_t mode = 0; \
        if (flags & (O_CREAT | __O_TMPFILE)) { \
            va_list rest; \
            va_start(rest, flags); \
            mode = va_arg(rest, mode_t); \
            va_end(rest); \
        } \
        return opened(#function, path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

#define PWRITE(function, offset_type) \
    ssize_t function(int fd, const void *data, size_t length, offset_type offset) { \
        char path[PATH_MAX]; \
        REAL(function); \
        const char *name = named(fd, path); \
        if (broken(name)) return -1; \
        ssize_t written = real(fd, data, length, offset); \
        if (written > 0 && name) note('w', name, offset, data, written); \
        return written; \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t write(int fd, const void *data, size_t length) {
    char path[PATH_MAX];
    REAL(write);
    const char *name = named(fd, path);
    if (broken(name)) return -1;
    ssize_t written = real(fd, data, length);
    if (written > 0 && name) note('w', name, lseek(fd, 0, SEEK_CUR) - written, data, written);
    return written;
}

#define TRUNCATE(function, size_type) \
    int function(int fd, size_type size) { \
        char path[PATH_MAX]; \
        REAL(function); \
        const char *name = named(fd, path); \
        if (broken(name)) return -1; \
        int done = real(fd, size); \
        if (!done && name) note('t', name, size, "", 0); \
        return done; \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

#define SYNC(function) \
    int function(int fd) { \
        char path[PATH_MAX]; \
        REAL(function); \
        const char *name = named(fd, path); \
        if (broken(name)) return -1; \
        int done = real(fd); \
        if (!done && name) note('s', name, 0, "", 0); \
        return done; \
    }
SYNC(fsync)
SYNC(fdatasync)

int unlink(const char *path) {
    REAL(unlink);
    const char *name = within(path);
    int done = real(path);
    if (!done && name) note('u', name, 0, "", 0);
    return done;
}

#define MOVE(function, kind) \
    int function(const char *from, const char *to) { \
        REAL(function); \
        const char *name = within(from), *other = within(to); \
        int done = real(from, to); \
        if (!done && name && other) note(kind, name, 0, other, strlen(other)); \
        return done; \
    }
MOVE(link, 'l')
MOVE(rename, 'r')

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    REAL(linkat);
    const char *name = within(from), *other = within(to);
    int done = real(from_folder, from, to_folder, to, flags);
    if (!done && name && other) note('l', name, 0, other, strlen(other));
    return done;
}
